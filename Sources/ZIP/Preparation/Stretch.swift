import CFormats

/// A stretch of a row of pixels.
struct Stretch: Sendable {
  var row: Int32
  var first: Int32
  var last: Int32

  /// The number of its pixels.
  var count: Int { Int(last - first) + 1 }
}

extension Plane {
  /// The stretches of pixels above a limit, row after row.
  ///
  /// - Complexity: O(pixels).
  func stretches(above limit: Float) -> [Stretch] {
    var stretches: [Stretch] = []
    values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      for y in 0..<height {
        let row = values + y * width
        var first = 0
        while true {
          first = Int(dn_first_above(row, Int64(first), Int64(width), limit))
          guard first < width else { break }
          var end = first + 1
          while end < width, row[end] > limit { end += 1 }
          stretches.append(Stretch(row: Int32(y), first: Int32(first), last: Int32(end - 1)))
          first = end
        }
      }
    }
    return stretches
  }
}
