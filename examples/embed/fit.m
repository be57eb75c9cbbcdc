% SPDX-License-Identifier: MIT
% Misra1a in Octave and MATLAB: Gauss-Newton with residual and Jacobian printed as a function, no compiler:
%     symdiff -F misra.sd residual --wrt p --value -f matlab -q --name residual > residual.m
y = [10.07; 14.73; 17.94; 23.93; 29.61; 35.18; 40.02; 44.82; 50.76; 55.05; 61.01; 66.40; 75.47; 81.78];
x = [77.6; 114.9; 141.1; 190.8; 239.9; 289.0; 332.8; 378.4; 434.8; 477.3; 536.8; 593.1; 689.1; 760.0];
p = [240; 5.4e-4];
for k = 1:20
    [r, J] = residual(p, x, y);
    p = p - J \ r;
end
printf("p = %.7f %.12f\n", p(1), p(2));
