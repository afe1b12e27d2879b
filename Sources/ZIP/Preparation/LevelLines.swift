/// Where a picture's ink may belong to a level line.
struct LevelLines: Sendable {
  /// How much each pixel stands out from those above and below it, averaged along the row: large on level lines, small
  /// within strokes that go up or down.
  let ridges: Plane

  /// The ink of three rows together, averaged over three columns: a line between two rows counts as one on a row.
  let ink: Plane

  /// How far above and below a line its paper is looked for.
  private static let reach = 4

  init(_ source: Plane) {
    let width = source.width
    let height = source.height
    var thick = Plane(width: width, height: height)
    source.values.withUnsafeBufferPointer { values in
      thick.values.withUnsafeMutableBufferPointer { thick in
        for y in 0..<height {
          let above = max(y - 1, 0) * width
          let row = y * width
          let below = min(y + 1, height - 1) * width
          for x in 0..<width { thick[row + x] = min(values[above + x] + values[row + x] + values[below + x], 1) }
        }
      }
    }
    var ridges = Plane(width: width, height: height)
    thick.values.withUnsafeBufferPointer { thick in
      ridges.values.withUnsafeMutableBufferPointer { target in
        for y in 0..<height {
          let row = y * width
          // At the picture's edge there is paper to compare with on one side only.
          let above = (y >= Self.reach ? y - Self.reach : min(y + Self.reach, height - 1)) * width
          let below = (y + Self.reach < height ? y + Self.reach : max(y - Self.reach, 0)) * width
          for x in 0..<width { target[row + x] = max(thick[row + x] - max(thick[above + x], thick[below + x]), 0) }
        }
      }
    }
    self.ridges = ridges.averagedAlongRows(reach: 4)
    ink = thick.averagedAlongRows(reach: 1)
  }
}

extension Plane {
  /// Every value replaced by the mean of those up to `reach` columns away; beyond the edges there is nothing.
  fileprivate func averagedAlongRows(reach: Int) -> Plane {
    var result = self
    let scale = 1 / Float(2 * reach + 1)
    values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        for y in 0..<height {
          let row = y * width
          var sum: Float = 0
          for x in 0..<min(reach, width) { sum += source[row + x] }
          for x in 0..<width {
            if x + reach < width { sum += source[row + x + reach] }
            if x - reach > 0 { sum -= source[row + x - reach - 1] }
            target[row + x] = sum * scale
          }
        }
      }
    }
    return result
  }
}
