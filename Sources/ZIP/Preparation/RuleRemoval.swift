/// Takes the printed rules and boxes of a form out of a picture's ink.
///
/// A rule is straight, thin, nearly level, and runs without a gap through half the picture; no row of digits does. It is
/// taken out where nothing crosses it, so that a stroke through it stays whole.
enum RuleRemoval {
  /// Rules are often much paler than the writing.
  private static let inkThreshold: Float = 0.12

  /// How far a ridge must rise above the paper on both sides of it, on average along the line.
  private static let ridgeThreshold: Float = 0.13

  /// The longest interruption of a rule by a stroke across it, in pixels.
  private static let longestGap = 9

  static func removeRules(from ink: inout Plane) {
    guard ink.width > 16, ink.height > 12 else { return }
    var removed: [Rule] = []
    // A form has few rules; each round takes the clearest one that is left.
    for _ in 0..<6 {
      guard let rule = clearestRule(in: levelRidges(of: ink), besides: removed) else { break }
      erase(rule, from: &ink)
      removed.append(rule)
    }
    guard removed.count >= 2 else { return }
    let heights = removed.map { $0.y(at: Float(ink.width) / 2) }
    guard let top = heights.min(), let bottom = heights.max(), bottom - top > 8 else { return }
    eraseWalls(from: &ink, top: Int(top), bottom: Int(bottom))
  }

  /// How much each pixel stands out from those above and below it, averaged along the row: large on level lines,
  /// small within strokes that go up or down.
  private static func levelRidges(of ink: Plane) -> Plane {
    let width = ink.width
    let reach = 4
    var ridges = Plane(width: width, height: ink.height)
    var thick = [Float](repeating: 0, count: width * ink.height)
    ink.values.withUnsafeBufferPointer { values in
      thick.withUnsafeMutableBufferPointer { thick in
        // Three rows together: a line between two rows is as dark as one on a row.
        for y in 1..<(ink.height - 1) {
          for index in (y * width)..<((y + 1) * width) {
            thick[index] = min(values[index - width] + values[index] + values[index + width], 1)
          }
        }
        ridges.values.withUnsafeMutableBufferPointer { target in
          for y in 0..<ink.height {
            let above = max(y - reach, 0) * width
            let below = min(y + reach, ink.height - 1) * width
            let row = y * width
            // At the picture's edge there is no paper to compare with on one side.
            let hasAbove = y >= reach
            let hasBelow = y + reach < ink.height
            for x in 0..<width {
              let side = max(hasAbove ? thick[above + x] : 0, hasBelow ? thick[below + x] : 0)
              target[row + x] = max(thick[row + x] - side, 0)
            }
          }
        }
      }
    }
    return ridges.averagedAlongRows(reach: 4)
  }

  private struct Rule {
    let slope: Float
    let offset: Float
    let first: Int
    let last: Int

    func y(at x: Float) -> Float { offset + slope * x }
  }

  private static func clearestRule(in ridges: Plane, besides removed: [Rule]) -> Rule? {
    let leastRun = max(Int(Float(ridges.width) * 0.58), Int(Float(ridges.height) * 1.1))
    guard leastRun < ridges.width else { return nil }
    let points = ridgePoints(of: ridges)
    guard points.count >= leastRun / 2 else { return nil }
    var best: (rule: Rule, run: Int)?
    let shift = ridges.width / 12 + 2
    let binCount = ridges.height + shift * 2 + 2
    var bins = [Int32](repeating: 0, count: binCount)
    for step in -8...8 {
      let slope = Float(step) * 0.01
      countPoints(points, slope: slope, shift: shift, into: &bins)
      for bin in 1..<(binCount - 1) where Int(bins[bin] + max(bins[bin - 1], bins[bin + 1])) >= leastRun / 2 {
        guard bins[bin] >= bins[bin - 1], bins[bin] > bins[bin + 1] else { continue }
        let offset = Float(bin - shift)
        if removed.contains(where: { abs($0.offset - offset) < 1.5 && abs($0.slope - slope) < 0.03 }) { continue }
        let run = longestRun(in: ridges, slope: slope, offset: offset)
        if run.length >= leastRun, run.length > best?.run ?? 0 {
          best = (Rule(slope: slope, offset: offset, first: run.first, last: run.last), run.length)
        }
      }
    }
    return best?.rule
  }

  private static func ridgePoints(of ridges: Plane) -> [(x: Int32, y: Int32)] {
    var points: [(x: Int32, y: Int32)] = []
    let limit = ridgeThreshold
    ridges.values.withUnsafeBufferPointer { values in
      for y in 0..<ridges.height {
        let row = y * ridges.width
        for x in 0..<ridges.width where values[row + x] > limit { points.append((Int32(x), Int32(y))) }
      }
    }
    return points
  }

  /// Counts the points on each of many parallel lines.
  private static func countPoints(_ points: [(x: Int32, y: Int32)], slope: Float, shift: Int, into bins: inout [Int32])
  {
    let fixedSlope = Int32(slope * 65_536)
    let fixedShift = Int32(shift) << 16 + 32_768
    bins.withUnsafeMutableBufferPointer { bins in
      bins.update(repeating: 0)
      points.withUnsafeBufferPointer { points in
        for point in points { bins[Int((point.y << 16 &- fixedSlope &* point.x &+ fixedShift) >> 16)] += 1 }
      }
    }
  }

  /// The longest stretch of columns in which the line follows a ridge, strokes across it allowed.
  private static func longestRun(
    in ridges: Plane, slope: Float, offset: Float
  ) -> (first: Int, last: Int, length: Int) {
    var best = (first: 0, last: -1, length: 0)
    var start = 0
    var met = 0
    var gap = longestGap + 1
    for x in 0..<ridges.width {
      let y = Int(offset + slope * Float(x) + 0.5)
      var isMet = false
      for row in max(y - 1, 0)..<max(min(y + 2, ridges.height), max(y - 1, 0)) where ridges[x, row] > ridgeThreshold {
        isMet = true
      }
      if isMet {
        if gap > longestGap { (start, met) = (x, 0) }
        gap = 0
        met += 1
        if met > best.length { best = (start, x, met) }
      } else {
        gap += 1
      }
    }
    return best
  }

  private static func erase(_ rule: Rule, from ink: inout Plane) {
    // Whatever lies on the line is taken out to the picture's edges, but only where it is as thin as the line.
    var spans: [(x: Int, first: Int, last: Int)] = []
    for x in 0..<ink.width {
      let centre = Int(rule.y(at: Float(x)) + 0.5)
      guard let on = [centre, centre - 1, centre + 1].first(where: { isInk(ink, x, $0) }) else { continue }
      var first = on
      var last = on
      while isInk(ink, x, first - 1) { first -= 1 }
      while isInk(ink, x, last + 1) { last += 1 }
      spans.append((x, first, last))
    }
    let lengths = spans.filter { $0.x >= rule.first && $0.x <= rule.last }.map { $0.last - $0.first + 1 }.sorted()
    guard !lengths.isEmpty else { return }
    let thickest = lengths[lengths.count / 4] + 1
    for span in spans where span.last - span.first + 1 <= thickest {
      for y in max(span.first - 1, 0)...min(span.last + 1, ink.height - 1) { ink[span.x, y] = 0 }
    }
  }

  private static func eraseWalls(from ink: inout Plane, top: Int, bottom: Int) {
    let first = max(top, 0)
    let last = min(bottom, ink.height - 1)
    guard last - first > 8 else { return }
    var walls: [Int] = []
    for x in 0..<ink.width {
      func share(of rows: ClosedRange<Int>) -> Float {
        let met = rows.count { isInk(ink, x - 1, $0) || isInk(ink, x, $0) || isInk(ink, x + 1, $0) }
        return Float(met) / Float(rows.count)
      }
      // A wall reaches from rule to rule; an upright stroke stops short of at least one.
      let end = max((last - first) / 12, 2)
      if share(of: first...last) >= 0.8, share(of: first...first + end) > 0.6, share(of: last - end...last) > 0.6 {
        walls.append(x)
      }
    }
    for x in walls {
      for y in max(first - 2, 0)...min(last + 2, ink.height - 1) where isInk(ink, x, y) {
        var left = x
        var right = x
        while isInk(ink, left - 1, y) { left -= 1 }
        while isInk(ink, right + 1, y) { right += 1 }
        if right - left < 4 { for column in max(left - 1, 0)...min(right + 1, ink.width - 1) { ink[column, y] = 0 } }
      }
    }
  }

  private static func isInk(_ ink: Plane, _ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < ink.width && y < ink.height && ink[x, y] > inkThreshold
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
