/// Tells ink from paper.
///
/// The paper's brightness is the value that most pixels of a tile are near to, interpolated between tiles; ink is what
/// departs from it to one side. Which side is decided by the tail of the departures: ink is rare and strong.
enum InkExtraction {
  /// The ink of a picture, 0 paper … 1 full ink.
  static func ink(in light: Plane) throws(Rejection) -> Plane {
    let tiles = TileHistograms(light)
    let isDark = tiles.sumOfCubes(of: light, from: tiles.percentile(0.5)) < 0
    let paper = tiles.percentile(isDark ? 0.68 : 0.32)
    var departure = tiles.difference(of: light, from: paper, times: isDark ? -1 : 1)

    var histogram = DepartureHistogram(departure)
    let level0 = histogram.percentile(0.5)
    // An 8-bit picture cannot show less noise than its own rounding.
    let noise = max(histogram.medianDeviation(from: level0) * 1.4826, 0.003)
    let faintest = max(3 * noise, 0.04)
    // Before the ink's strength is measured: specks may be darker.
    if removeSpecks(from: &departure, above: level0 + faintest, paper: level0) {
      histogram = DepartureHistogram(departure)
    }
    guard let full = histogram.percentile(0.8, above: level0 + faintest, leastShare: 0.0003) else { throw .blank }
    let strength = full - level0
    // Without a clear step between ink and paper it is either the grain of blank paper, or no paper at all.
    guard strength > 4 * noise else { throw noise < 0.05 ? .blank : .photograph }
    guard histogram.share(above: level0 + 0.4 * strength) < 0.55 else { throw .photograph }

    let floor = level0 + 1.5 * noise
    let scale = 1 / (full - floor)
    departure.values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = min(max((values[index] - floor) * scale, 0), 1) }
    }
    return departure
  }

  /// Takes out the pieces that are smaller, each way, than the width of the pen that wrote the highest; tells whether
  /// there were any.
  private static func removeSpecks(from departure: inout Plane, above limit: Float, paper: Float) -> Bool {
    let found = InkPieces(of: departure, above: limit)
    guard let tallest = found.pieces.map(\.box.height).max() else { return false }
    let size = max(tallest / 12, 2)
    func isSpeck(_ piece: InkPieces.Piece) -> Bool { piece.box.height <= size && piece.box.width <= size }
    guard found.pieces.contains(where: isSpeck) else { return false }
    found.fill(&departure, with: paper, where: isSpeck)
    return true
  }
}

/// How often each brightness occurs in each tile of a picture.
private struct TileHistograms {
  private static let bins = 64
  private let columns: Int
  private let rows: Int
  private let tileWidth: Float
  private let tileHeight: Float
  private var counts: [Int32]

  init(_ light: Plane) {
    let side = max(Float(light.height) / 3, 10)
    columns = max(Int((Float(light.width) / side).rounded()), 1)
    rows = max(Int((Float(light.height) / side).rounded()), 1)
    tileWidth = Float(light.width) / Float(columns)
    tileHeight = Float(light.height) / Float(rows)
    let columnCount = columns
    counts = [Int32](repeating: 0, count: columns * rows * Self.bins)
    let tileOfColumn = (0..<light.width).map { [tileWidth] in min(Int(Float($0) / tileWidth), columnCount - 1) }
    for y in 0..<light.height {
      let row = min(Int(Float(y) / tileHeight), rows - 1)
      light.values.withUnsafeBufferPointer { values in
        counts.withUnsafeMutableBufferPointer { counts in
          for x in 0..<light.width {
            let bin = Int(min(max(values[y * light.width + x], 0), 0.999) * Float(Self.bins))
            counts[(row * columnCount + tileOfColumn[x]) * Self.bins + bin] += 1
          }
        }
      }
    }
  }

  /// The brightness below which a share of each tile's pixels lies, calmed by the median of its neighbors.
  func percentile(_ share: Float) -> [Float] {
    let raw = (0..<(columns * rows)).map { tile -> Float in
      let bins = counts[(tile * Self.bins)..<((tile + 1) * Self.bins)]
      let target = Float(bins.reduce(0, +)) * share
      var below: Float = 0
      for (bin, count) in bins.enumerated() {
        let next = below + Float(count)
        if next >= target, count > 0 { return (Float(bin) + (target - below) / Float(count)) / Float(Self.bins) }
        below = next
      }
      return 1
    }
    return (0..<(columns * rows)).map { tile in
      let (row, column) = tile.quotientAndRemainder(dividingBy: columns)
      var neighbors: [Float] = []
      for y in max(row - 1, 0)...min(row + 1, rows - 1) {
        for x in max(column - 1, 0)...min(column + 1, columns - 1) { neighbors.append(raw[y * columns + x]) }
      }
      neighbors.sort()
      return (neighbors[neighbors.count / 2] + neighbors[(neighbors.count - 1) / 2]) / 2
    }
  }

  /// The picture less the brightness of its tiles, times a factor.
  func difference(of light: Plane, from levels: [Float], times factor: Float) -> Plane {
    Plane(width: light.width, height: light.height) { target in
      light.values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress, let target = target.baseAddress else { return }
        forEachRow(of: light, levels) { row, level in
          let (values, target) = (values + row, target + row)
          for x in 0..<light.width { target[x] = (values[x] - level[x]) * factor }
        }
      }
    }
  }

  /// The sum of the cubes of the differences between the picture and the brightness of its tiles.
  func sumOfCubes(of light: Plane, from levels: [Float]) -> Float {
    var sum: Float = 0
    light.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      forEachRow(of: light, levels) { row, level in
        let values = values + row
        for x in 0..<light.width {
          let difference = values[x] - level[x]
          sum += difference * difference * difference
        }
      }
    }
    return sum
  }

  /// Calls `body` with the place of each row's first pixel and the brightness of the tiles along the row, interpolated
  /// linearly between their centers.
  private func forEachRow(of light: Plane, _ levels: [Float], _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
    func place(_ position: Int, _ size: Float, _ count: Int) -> (first: Int, second: Int, share: Float) {
      let exact = min(max((Float(position) + 0.5) / size - 0.5, 0), Float(count - 1))
      let first = min(Int(exact), count - 1)
      return (first, min(first + 1, count - 1), exact - Float(first))
    }
    let horizontal = (0..<light.width).map { place($0, tileWidth, columns) }
    let shares = horizontal.map(\.share)
    // Where the columns between the centers of two tiles begin.
    let begins = horizontal.indices.filter { $0 == 0 || horizontal[$0].first != horizontal[$0 - 1].first }
    let spans = zip(begins, begins.dropFirst() + [light.width]).map {
      ($0..<$1, horizontal[$0].first, horizontal[$0].second)
    }
    var line = [Float](repeating: 0, count: columns)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: light.width) { buffer in
      guard let level = buffer.baseAddress else { return }
      for y in 0..<light.height {
        let vertical = place(y, tileHeight, rows)
        for column in 0..<columns {
          let upper = levels[vertical.first * columns + column]
          let lower = levels[vertical.second * columns + column]
          line[column] = upper + vertical.share * (lower - upper)
        }
        shares.withUnsafeBufferPointer { shares in
          for (span, first, second) in spans {
            let (left, step) = (line[first], line[second] - line[first])
            for x in span { level[x] = left + shares[x] * step }
          }
        }
        body(y * light.width, level)
      }
    }
  }
}

/// How often each departure from the paper's brightness occurs in a whole picture.
private struct DepartureHistogram {
  private static let bins = 1024
  private var counts = [Int32](repeating: 0, count: bins)
  private let total: Int

  init(_ departure: Plane) {
    total = departure.values.count
    departure.values.withUnsafeBufferPointer { values in
      counts.withUnsafeMutableBufferPointer { counts in
        for index in 0..<values.count {
          counts[Int((min(max(values[index], -1), 0.998) + 1) * Float(Self.bins / 2))] += 1
        }
      }
    }
  }

  private static func value(_ bin: Int) -> Float { (Float(bin) + 0.5) / Float(bins / 2) - 1 }

  private static func bin(_ value: Float) -> Int {
    min(max(Int((value + 1) * Float(bins / 2)), 0), bins - 1)
  }

  func percentile(_ share: Float) -> Float {
    percentile(share, above: -1, leastShare: 0) ?? 0
  }

  /// The percentile of the values above a limit; nil where these are a smaller share of all than `leastShare`.
  func percentile(_ share: Float, above limit: Float, leastShare: Float) -> Float? {
    let first = Self.bin(limit)
    let members = counts[first...].reduce(0) { $0 + Int($1) }
    guard members > 0, Float(members) >= leastShare * Float(total) else { return nil }
    var remaining = Float(members) * share
    for bin in first..<Self.bins {
      remaining -= Float(counts[bin])
      if remaining <= 0, counts[bin] > 0 { return Self.value(bin) }
    }
    return nil
  }

  func medianDeviation(from center: Float) -> Float {
    let middle = Self.bin(center)
    var seen = Int(counts[middle])
    var distance = 0
    while seen * 2 < total, distance < Self.bins {
      distance += 1
      if middle - distance >= 0 { seen += Int(counts[middle - distance]) }
      if middle + distance < Self.bins { seen += Int(counts[middle + distance]) }
    }
    return Float(distance) / Float(Self.bins / 2)
  }

  func share(above limit: Float) -> Float {
    Float(counts[Self.bin(limit)...].reduce(0) { $0 + Int($1) }) / Float(max(total, 1))
  }
}
