/// Takes the printed rules and boxes of a form out of a picture's ink.
///
/// A rule is straight, thin, nearly level, and runs without a gap through half the picture; no row of digits does. It is
/// taken out where nothing crosses it, so that a stroke through it stays whole.
enum RuleRemoval {
  /// Rules are often much paler than the writing.
  private static let inkThreshold: Float = 0.12

  /// How far a ridge must rise above the paper on both sides of it, on average along the line.
  private static let ridgeThreshold: Float = 0.13

  /// The longest stretch of bare paper within a rule, in pixels.
  private static let longestGap = 2

  /// The least share of a rule along which it stands free of the writing.
  private static let leastFreeShare: Float = 0.4

  /// How dark the palest tenth of a rule is at least, as a share of its usual darkness.
  private static let leastEvenness: Float = 0.45

  /// How far a rule's ink strays from a straight line at most, as a root mean square in pixels.
  private static let mostStray: Float = 0.45

  static func removeRules(from ink: inout Plane) {
    guard ink.width > 16, ink.height > 12 else { return }
    var removed: [Rule] = []
    var lines = LevelLines(ink)
    // A form has few rules; each round takes the clearest one that is left.
    for _ in 0..<6 {
      guard let rule = clearestRule(in: lines, of: ink, besides: removed) else { break }
      let changed = erase(rule, from: &ink)
      lines.update(from: ink, rows: changed)
      removed.append(rule)
    }
    guard removed.count >= 2 else { return }
    let heights = removed.map { $0.y(at: Float(ink.width) / 2) }
    guard let top = heights.min(), let bottom = heights.max(), bottom - top > 8 else { return }
    eraseWalls(from: &ink, top: Int(top), bottom: Int(bottom))
  }

  private struct Rule {
    let slope: Float
    let offset: Float
    let first: Int
    let last: Int

    func y(at x: Float) -> Float { offset + slope * x }
  }

  private static func clearestRule(in lines: LevelLines, of ink: Plane, besides removed: [Rule]) -> Rule? {
    let ridges = lines.ridges
    let leastRun = max(Int(Float(ridges.width) * 0.58), Int(Float(ridges.height) * 1.1))
    guard leastRun < ridges.width else { return nil }
    let stretches = ridges.stretches(above: ridgeThreshold)
    guard stretches.reduce(0, { $0 + $1.count }) >= leastRun / 2 else { return nil }
    var best: (rule: Rule, run: Int)?
    let shift = ridges.width / 12 + 2
    let binCount = ridges.height + shift * 2 + 2
    var bins = [Int32](repeating: 0, count: binCount)
    for step in -8...8 {
      let slope = Float(step) * 0.01
      countPixels(of: stretches, slope: slope, shift: shift, into: &bins)
      for bin in 1..<(binCount - 1) where Int(bins[bin] + max(bins[bin - 1], bins[bin + 1])) >= leastRun / 2 {
        guard bins[bin] >= bins[bin - 1], bins[bin] > bins[bin + 1] else { continue }
        let offset = Float(bin - shift)
        if removed.contains(where: { abs($0.offset - offset) < 1.5 && abs($0.slope - slope) < 0.03 }) { continue }
        let least = max(leastRun, (best?.run ?? 0) + 1)
        guard let run = longestRun(in: lines, slope: slope, offset: offset, atLeast: least) else { continue }
        let rough = Rule(slope: slope, offset: offset, first: run.first, last: run.last)
        if let rule = straightened(rough, along: lines), isEven(rule, in: ink) { best = (rule, run.length) }
      }
    }
    return best?.rule
  }

  /// The straight line through the middle of a rule's ink; nil where the ink strays from it, as the bars of digits do.
  private static func straightened(_ rule: Rule, along lines: LevelLines) -> Rule? {
    var middles: [(x: Float, y: Float)] = []
    for x in rule.first...rule.last {
      let center = Int(rule.y(at: Float(x)) + 0.5)
      guard center >= 3, center + 3 < lines.ridges.height, lines.ridges[x, center] > ridgeThreshold else { continue }
      var weight: Float = 0
      var moment: Float = 0
      for y in (center - 3)...(center + 3) {
        weight += lines.ridges[x, y]
        moment += lines.ridges[x, y] * Float(y)
      }
      middles.append((Float(x), moment / weight))
    }
    // A rule at the picture's edge has no room to stray.
    guard middles.count >= 8 else { return rule }
    let count = Float(middles.count)
    let meanX = middles.reduce(Float(0)) { $0 + $1.x } / count
    let meanY = middles.reduce(Float(0)) { $0 + $1.y } / count
    let spread = middles.reduce(Float(0)) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let slope = middles.reduce(Float(0)) { $0 + ($1.x - meanX) * ($1.y - meanY) } / max(spread, 1)
    let offset = meanY - slope * meanX
    let strays = middles.reduce(Float(0)) { sum, middle in
      let distance = middle.y - offset - slope * middle.x
      return sum + distance * distance
    }
    guard (strays / count).squareRoot() < mostStray else { return nil }
    return Rule(slope: slope, offset: offset, first: rule.first, last: rule.last)
  }

  /// Whether a rule is nearly as dark at its palest as elsewhere: where the bars of digits meet, there is less ink.
  private static func isEven(_ rule: Rule, in ink: Plane) -> Bool {
    let levels = (rule.first...rule.last).map { x in
      let center = Int((rule.y(at: Float(x)) + 0.5).rounded(.down))
      return (max(center - 1, 0)..<max(min(center + 2, ink.height), max(center - 1, 0))).reduce(Float(0)) {
        $0 + ink[x, $1]
      }
    }.sorted()
    // The grain of the paper lowers the palest part of a faint rule.
    return levels[levels.count / 10] >= leastEvenness * levels[levels.count / 2] - 0.06
  }

  /// Counts the pixels of stretches on each of many parallel lines.
  private static func countPixels(
    of stretches: [Stretch], slope: Float, shift: Int, into bins: inout [Int32]
  ) {
    // Lines are so level that a stretch lies on one or two of them.
    let fixedSlope = Int32(slope * 65_536)
    let fixedShift = Int32(shift) << 16 + 32_768
    bins.withUnsafeMutableBufferPointer { bins in
      bins.update(repeating: 0)
      for stretch in stretches {
        let height = stretch.row << 16 &+ fixedShift
        var first = stretch.first
        while first <= stretch.last {
          let bin = (height &- fixedSlope &* first) >> 16
          var last = stretch.last
          if (height &- fixedSlope &* last) >> 16 != bin {
            last = fixedSlope > 0 ? (height - bin << 16) / fixedSlope : (bin << 16 + 65_535 - height) / -fixedSlope
          }
          bins[Int(bin)] += last - first + 1
          first = last + 1
        }
      }
    }
  }

  /// The longest stretch of columns in which the line is inked throughout and mostly stands free: a row of digits has
  /// paper between them, a rule has none. Nil where there is none of `least` columns.
  private static func longestRun(
    in lines: LevelLines, slope: Float, offset: Float, atLeast least: Int
  ) -> (first: Int, last: Int, length: Int)? {
    let (width, height) = (lines.ink.width, lines.ink.height)
    guard least <= width else { return nil }
    return lines.ink.values.withUnsafeBufferPointer { ink in
      lines.ridges.values.withUnsafeBufferPointer { ridges in
        /// Whether a value in the line's three rows of a column is above a limit.
        func exceeds(_ values: UnsafeBufferPointer<Float>, _ limit: Float, _ x: Int) -> Bool {
          let y = Int(offset + slope * Float(x) + 0.5)
          for row in max(y - 1, 0)..<max(min(y + 2, height), max(y - 1, 0)) where values[row * width + x] > limit {
            return true
          }
          return false
        }
        var gap = 0
        // A run that long covers the middle columns wherever it begins, which gives most lines away.
        for x in max(width - least, 0)..<max(least, width - least, 0) {
          gap = exceeds(ink, inkThreshold, x) ? 0 : gap + 1
          if gap > longestGap { return nil }
        }
        var best = (first: 0, last: -1, length: 0)
        var start = 0
        var free = 0
        gap = longestGap + 1
        for x in 0..<width {
          guard exceeds(ink, inkThreshold, x) else {
            gap += 1
            continue
          }
          if gap > longestGap { (start, free) = (x, 0) }
          gap = 0
          free += exceeds(ridges, ridgeThreshold, x) ? 1 : 0
          let length = x - start + 1
          if length > best.length, Float(free) >= leastFreeShare * Float(length) { best = (start, x, length) }
        }
        return best.length >= least ? best : nil
      }
    }
  }

  /// Takes a rule out, and tells between which rows.
  private static func erase(_ rule: Rule, from ink: inout Plane) -> Range<Int> {
    // Whatever lies on the line is taken out to the picture's edges, but only where it is as thin as the line.
    var spans: [(x: Int, first: Int, last: Int)] = []
    for x in 0..<ink.width {
      let center = Int(rule.y(at: Float(x)) + 0.5)
      guard let on = [center, center - 1, center + 1].first(where: { isInk(ink, x, $0) }) else { continue }
      var first = on
      var last = on
      while isInk(ink, x, first - 1) { first -= 1 }
      while isInk(ink, x, last + 1) { last += 1 }
      spans.append((x, first, last))
    }
    let lengths = spans.filter { $0.x >= rule.first && $0.x <= rule.last }.map { $0.last - $0.first + 1 }.sorted()
    guard !lengths.isEmpty else { return 0..<0 }
    let thickest = lengths[lengths.count / 4] + 2
    var (top, bottom) = (ink.height, 0)
    for span in spans where span.last - span.first + 1 <= thickest {
      let rows = max(span.first - 1, 0)..<min(span.last + 2, ink.height)
      for y in rows { ink[span.x, y] = 0 }
      (top, bottom) = (min(top, rows.lowerBound), max(bottom, rows.upperBound))
    }
    return top..<max(top, bottom)
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
        if right - left < 6 { for column in max(left - 1, 0)...min(right + 1, ink.width - 1) { ink[column, y] = 0 } }
      }
    }
  }

  private static func isInk(_ ink: Plane, _ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < ink.width && y < ink.height && ink[x, y] > inkThreshold
  }
}
