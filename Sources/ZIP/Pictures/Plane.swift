import CFormats

/// A grid of numbers, row after row: ink on a canvas, light in a picture.
struct Plane: Sendable {
  let width: Int
  let height: Int
  var values: [Float]

  init(width: Int, height: Int, filledWith value: Float = 0) {
    self.width = max(width, 0)
    self.height = max(height, 0)
    values = [Float](repeating: value, count: self.width * self.height)
  }

  init(width: Int, height: Int, values: [Float]) {
    self.width = width
    self.height = height
    self.values = values
  }

  /// A plane whose every value is set by `write`.
  init(width: Int, height: Int, write: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.width = max(width, 0)
    self.height = max(height, 0)
    let count = self.width * self.height
    values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      write(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  subscript(x: Int, y: Int) -> Float {
    get { values[y * width + x] }
    set { values[y * width + x] = newValue }
  }

  /// Every value replaced by the largest (or smallest) of itself and its four neighbors, mixed in by `share`.
  ///
  /// A share between 0 and 1 makes strokes thicker (or thinner) by a fraction of a pixel.
  func thickened(by share: Float) -> Plane {
    guard share != 0, width > 2, height > 2 else { return self }
    let grows = share > 0
    let part = min(abs(share), 1)
    var result = self
    values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        for y in 1..<(height - 1) {
          for index in (y * width + 1)..<(y * width + width - 1) {
            let center = source[index]
            let left = source[index - 1]
            let right = source[index + 1]
            let above = source[index - width]
            let below = source[index + width]
            let extreme =
              grows
              ? max(max(max(left, right), max(above, below)), center)
              : min(min(min(left, right), min(above, below)), center)
            target[index] = center + part * (extreme - center)
          }
        }
      }
    }
    return result
  }

  /// Every value mixed with its neighbors by the weights (strength, 1, strength) along both axes; edges repeat.
  func blurred(strength: Float) -> Plane {
    guard strength > 0, width > 1, height > 1 else { return self }
    let center = 1 / (1 + 2 * strength)
    let side = strength * center
    let rows = Plane(width: width, height: height) { target in
      values.withUnsafeBufferPointer { source in
        for y in 0..<height {
          let start = y * width
          let end = start + width - 1
          target[start] = (center + side) * source[start] + side * source[start + 1]
          target[end] = (center + side) * source[end] + side * source[end - 1]
          guard width > 2 else { continue }
          for index in (start + 1)..<end {
            target[index] = center * source[index] + side * (source[index - 1] + source[index + 1])
          }
        }
      }
    }
    return Plane(width: width, height: height) { target in
      rows.values.withUnsafeBufferPointer { source in
        for y in 0..<height {
          let above = max(y - 1, 0) * width
          let here = y * width
          let below = min(y + 1, height - 1) * width
          for x in 0..<width {
            target[here + x] = center * source[here + x] + side * (source[above + x] + source[below + x])
          }
        }
      }
    }
  }

  /// A plane of values found at places between this one's pixels, interpolated linearly along both axes.
  ///
  /// `locate` is given a row of the new plane and sets the places, across and down, of each of its values. They are kept
  /// within this plane less its last column and row: a border of paper two pixels wide stands for all that is outside.
  func sampled(
    width newWidth: Int, height newHeight: Int,
    locate: (Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Plane {
    Plane(width: newWidth, height: newHeight) { target in
      guard let target = target.baseAddress else { return }
      sample(width: newWidth, height: newHeight, into: target, locate: locate)
    }
  }

  /// Like ``sampled(width:height:locate:)``, into memory for `newWidth × newHeight` values.
  func sample(
    width newWidth: Int, height newHeight: Int, into target: UnsafeMutablePointer<Float>,
    locate: (Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    values.withUnsafeBufferPointer { source in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * newWidth) { places in
        guard let source = source.baseAddress, let across = places.baseAddress, width >= 2, height >= 2 else { return }
        let down = across + newWidth
        for y in 0..<newHeight {
          locate(y, across, down)
          dn_plane_sample(
            target + y * newWidth, source, Int64(width), Int64(height), across, down, Int64(newWidth))
        }
      }
    }
  }

  /// A rectangle of the plane resampled to a new size.
  ///
  /// Shrinking averages over the area a target pixel covers, enlarging interpolates linearly. What lies outside the
  /// plane reads as `outside`, or, where that is nil, is left out of the average. The two axes are done one after the
  /// other.
  func resampled(
    x: Float, y: Float, width sourceWidth: Float, height sourceHeight: Float,
    to newWidth: Int, by newHeight: Int, outside: Float? = nil
  ) -> Plane {
    let isClipped = outside == nil
    let outside = outside ?? 0
    let columns = ResamplingTaps(start: x, length: sourceWidth, count: newWidth, limit: width, isClipped: isClipped)
    let rows = ResamplingTaps(start: y, length: sourceHeight, count: newHeight, limit: height, isClipped: isClipped)
    // Rows first: their inner loop runs along memory, and what is left for the other axis is small.
    var lowered = Plane(width: width, height: newHeight)
    values.withUnsafeBufferPointer { source in
      lowered.values.withUnsafeMutableBufferPointer { target in
        rows.apply { row, first, weights, missing in
          let out = row * width
          for column in 0..<width { target[out + column] = missing * outside }
          for tap in 0..<weights.count {
            let weight = weights[tap]
            let base = (first + tap) * width
            for column in 0..<width { target[out + column] += weight * source[base + column] }
          }
        }
      }
    }
    var result = Plane(width: newWidth, height: newHeight)
    lowered.values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        columns.apply { column, first, weights, missing in
          for row in 0..<newHeight {
            var sum = missing * outside
            let base = row * width + first
            for tap in 0..<weights.count { sum += weights[tap] * source[base + tap] }
            target[row * newWidth + column] = sum
          }
        }
      }
    }
    return result
  }
}

/// For each target place along one axis, which source places it mixes and by how much.
private struct ResamplingTaps {
  private var firsts: [Int] = []
  private var starts: [Int] = [0]
  private var weights: [Float] = []
  private var missing: [Float] = []

  init(start: Float, length: Float, count: Int, limit: Int, isClipped: Bool) {
    let step = length / Float(max(count, 1))
    // Below one source pixel a target pixel still spans one: a tent of that width is linear interpolation.
    let span = max(step, 1)
    for place in 0..<count {
      let center = start + (Float(place) + 0.5) * step
      let low = center - span
      let high = center + span
      let first = Int((low - 0.5).rounded(.up))
      let last = max(Int((high - 0.5).rounded(.down)), first)
      var total: Float = 0
      var lost: Float = 0
      let begin = weights.count
      for source in first...last {
        let weight = max(1 - abs(Float(source) + 0.5 - center) / span, 0)
        total += weight
        if source < 0 || source >= limit { lost += weight } else { weights.append(weight) }
      }
      if isClipped { (total, lost) = (total - lost, 0) }
      let scale = total > 0 ? 1 / total : 0
      for index in begin..<weights.count { weights[index] *= scale }
      firsts.append(max(first, 0))
      starts.append(weights.count)
      missing.append(total > 0 ? lost * scale : (isClipped ? 0 : 1))
    }
  }

  /// Calls `body` with each target place, its first source place, the weights from there on, and the share outside.
  func apply(_ body: (Int, Int, UnsafeBufferPointer<Float>, Float) -> Void) {
    weights.withUnsafeBufferPointer { all in
      for place in 0..<firsts.count {
        let part = UnsafeBufferPointer(rebasing: all[starts[place]..<starts[place + 1]])
        body(place, firsts[place], part, missing[place])
      }
    }
  }
}
