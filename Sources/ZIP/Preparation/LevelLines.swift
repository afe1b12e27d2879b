import CFormats

/// Where a picture's ink may belong to a level line.
struct LevelLines: Sendable {
  /// How much each pixel stands out from those above and below it, averaged along the row: large on level lines, small
  /// within strokes that go up or down.
  private(set) var ridges: Plane

  /// The ink of three rows together, averaged over three columns: a line between two rows counts as one on a row.
  private(set) var ink: Plane

  /// The ink of three rows together.
  private var thick: Plane

  /// How far above and below a line its paper is looked for.
  private static let reach = 4

  init(_ source: Plane) {
    thick = Plane(width: source.width, height: source.height)
    ridges = Plane(width: source.width, height: source.height)
    ink = Plane(width: source.width, height: source.height)
    update(from: source, rows: 0..<source.height)
  }

  /// Looks again at a picture that has changed in some rows.
  mutating func update(from source: Plane, rows: Range<Int>) {
    func around(_ rows: Range<Int>, reach: Int) -> Range<Int> {
      max(rows.lowerBound - reach, 0)..<min(rows.upperBound + reach, source.height)
    }
    guard !rows.isEmpty else { return }
    let thickened = around(rows, reach: 1)
    thicken(thickened, of: source)
    ink.copy(thickened, from: thick)
    ink.averageAlongRows(thickened, reach: 1)
    let compared = around(thickened, reach: Self.reach)
    compare(compared)
    ridges.averageAlongRows(compared, reach: 4)
  }

  private mutating func thicken(_ rows: Range<Int>, of source: Plane) {
    let (width, height) = (source.width, source.height)
    source.values.withUnsafeBufferPointer { values in
      thick.values.withUnsafeMutableBufferPointer { thick in
        guard let values = values.baseAddress, let thick = thick.baseAddress else { return }
        for y in rows {
          let target = thick + y * width
          let (above, row, below) = (
            values + max(y - 1, 0) * width, values + y * width, values + min(y + 1, height - 1) * width
          )
          for x in 0..<width { target[x] = min(above[x] + row[x] + below[x], 1) }
        }
      }
    }
  }

  private mutating func compare(_ rows: Range<Int>) {
    let (width, height) = (thick.width, thick.height)
    thick.values.withUnsafeBufferPointer { thick in
      ridges.values.withUnsafeMutableBufferPointer { target in
        guard let thick = thick.baseAddress, let ridges = target.baseAddress else { return }
        for y in rows {
          let (target, row) = (ridges + y * width, thick + y * width)
          // At the picture's edge there is paper to compare with on one side only.
          let above = thick + (y >= Self.reach ? y - Self.reach : min(y + Self.reach, height - 1)) * width
          let below = thick + (y + Self.reach < height ? y + Self.reach : max(y - Self.reach, 0)) * width
          for x in 0..<width { target[x] = max(row[x] - max(above[x], below[x]), 0) }
        }
      }
    }
  }
}

extension Plane {
  fileprivate mutating func copy(_ rows: Range<Int>, from other: Plane) {
    let places = rows.lowerBound * width..<rows.upperBound * width
    values.withUnsafeMutableBufferPointer { target in
      other.values.withUnsafeBufferPointer { source in
        _ = target[places].update(from: source[places])
      }
    }
  }

  /// Replaces every value of some rows by the mean of those up to `reach` columns away.
  fileprivate mutating func averageAlongRows(_ rows: Range<Int>, reach: Int) {
    values.withUnsafeMutableBufferPointer { values in
      guard let first = values.baseAddress else { return }
      dn_plane_row_means(first + rows.lowerBound * width, Int64(width), Int64(rows.count), Int64(reach))
    }
  }
}
