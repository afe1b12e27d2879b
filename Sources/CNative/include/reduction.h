#ifndef DN_REDUCTION_H
#define DN_REDUCTION_H

/// How the reduced outputs of a program combine elements. The order is part of the contract with the Swift floors.
///
/// The value of an empty reduction is the identity: 0, the smallest value (−∞ for floating point), the largest value,
/// 1, all ones, 0.
typedef enum dn_reducer {
  DN_REDUCE_SUM,
  /// NaN where any element is NaN.
  DN_REDUCE_MAX,
  /// NaN where any element is NaN.
  DN_REDUCE_MIN,
  DN_REDUCE_PRODUCT,
  /// Bitwise for integers, logical for booleans.
  DN_REDUCE_AND,
  DN_REDUCE_OR
} dn_reducer;

#endif
