#ifndef DN_ELEMENTWISE_SPECIAL_H
#define DN_ELEMENTWISE_SPECIAL_H

/// The inverse of erf on −1…1, NaN outside.
double dn_erf_inverse(double y);

/// log |Γ(x)|.
double dn_log_gamma(double x);

/// Γ'/Γ; NaN at 0 and the negative integers.
double dn_digamma(double x);

/// The derivative of a whole order of at least 1 of digamma; at 0 and the negative integers ∞ for odd orders, NaN for
/// even ones.
double dn_polygamma(double order, double x);

#endif
