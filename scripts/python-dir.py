# SPDX-License-Identifier: MIT
# python-dir.py PREFIX: the folder below PREFIX in which this Python finds packages.
import sys

prefix = sys.argv[1].rstrip("/") + "/lib/python"
found = [d for d in sys.path if d.startswith(prefix) and d.endswith("-packages")]
print(found[0] if found else prefix + "%d.%d/site-packages" % sys.version_info[:2])
