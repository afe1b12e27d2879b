import Foundation

// Arithmetic of points and directions. The parameters of a problem are one vector of Float64 here, whatever their types and
// shapes are; what costs is the function, which is a compiled plan.

func dot(_ a: [Double], _ b: [Double]) -> Double {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      var sum = 0.0
      for index in 0..<min(a.count, b.count) { sum += a[index] * b[index] }
      return sum
    }
  }
}

/// The Euclidean norm; scaled, so that squares neither overflow nor vanish.
func norm(_ a: [Double]) -> Double {
  let largest = largestMagnitude(a)
  guard largest > 0, largest.isFinite else { return largest }
  if largest > 1e-100, largest < 1e100 { return dot(a, a).squareRoot() }
  return largest * a.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

/// The largest magnitude; NaN where there is one.
func largestMagnitude(_ a: [Double]) -> Double {
  var largest = 0.0
  for value in a {
    if value.isNaN { return .nan }
    largest = max(largest, abs(value))
  }
  return largest
}

/// a + t b.
func sum(_ a: [Double], _ t: Double, _ b: [Double]) -> [Double] {
  var result = a
  add(t, b, to: &result)
  return result
}

/// Adds t b to a.
func add(_ t: Double, _ b: [Double], to a: inout [Double]) {
  a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      for index in 0..<min(a.count, b.count) { a[index] += t * b[index] }
    }
  }
}

/// t a.
func scaled(_ a: [Double], by t: Double) -> [Double] {
  var result = a
  result.withUnsafeMutableBufferPointer { result in
    for index in result.indices { result[index] *= t }
  }
  return result
}

/// a − b.
func difference(_ a: [Double], _ b: [Double]) -> [Double] { sum(a, -1, b) }

func isFinite(_ a: [Double]) -> Bool { a.allSatisfy(\.isFinite) }
