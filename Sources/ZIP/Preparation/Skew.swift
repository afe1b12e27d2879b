import Foundation

/// How far a line of writing climbs or falls: an angle in radians, positive where it falls to the right.
enum Skew {
  /// The largest angle that is looked for: 16°.
  static let largest: Float = 0.28

  /// A skew below this is left to the reader: 0.2°.
  static let smallest: Float = 0.0035

  /// The angle at which the ink falls into the clearest rows, to about a degree and a half; printed rules count as well.
  ///
  /// The rows are clearest where the entropy of the ink's projection on the upright is least (after Postl's method of the
  /// projection profile, 1986).
  ///
  /// - Complexity: O(pixels), then O(stretches of ink) for each of about twenty angles.
  static func rough(of ink: Plane) -> Float {
    let profile = ProjectionProfile(ink)
    let step = largest / 8
    let angles = (-8...8).map { Float($0) * step }
    let entropies = angles.map(profile.entropy(at:))
    guard let least = entropies.indices.min(by: { entropies[$0] < entropies[$1] }) else { return 0 }
    // Between ink in clear rows and a scribble there is a difference; without one, nothing is turned.
    guard entropies[least] < entropies[8] - 0.02 else { return 0 }
    let finer = [-0.5, -0.25, 0, 0.25, 0.5].map { angles[least] + $0 * step }
    return finer.min { profile.entropy(at: $0) < profile.entropy(at: $1) } ?? angles[least]
  }

  /// The angle of the line that the characters stand on; nil where they are too few to tell.
  ///
  /// The middle one of the slopes between the feet of any two characters (Theil, 1950; Sen, 1968), each as heavy as the
  /// two are far apart: a digit that reaches below the line or has jumped off it changes little.
  ///
  /// - Complexity: O(*n*² log *n*) in the characters.
  static func ofLine(_ writing: Writing, in ink: Plane) -> Float? {
    let characters = writing.characters
    guard characters.count >= 3, characters.count <= 40, writing.box.width > 2 * writing.height else { return nil }
    let feet = characters.map { foot(of: $0, in: ink) }
    var slopes: [(slope: Float, weight: Float)] = []
    for one in characters.indices {
      for other in characters.indices[(one + 1)...] {
        let ends = (characters[one], characters[other])
        let run = Float(ends.1.x + ends.1.right - ends.0.x - ends.0.right) / 2
        guard abs(run) >= Float(writing.height) / 3 else { continue }
        slopes.append(((feet[other] - feet[one]) / run, abs(run)))
      }
    }
    slopes.sort { $0.slope < $1.slope }
    var remaining = slopes.reduce(0) { $0 + $1.weight } / 2
    for (slope, weight) in slopes {
      remaining -= weight
      if remaining <= 0 { return min(max(atan(slope), -largest), largest) }
    }
    return nil
  }
}

extension Skew {
  /// Where a character's ink ends below, between two rows: where its darkest pixels would be half as dark as ink.
  private static func foot(of character: InkBox, in ink: Plane) -> Float {
    func darkest(_ y: Int) -> Float { (character.x..<character.right).reduce(0) { max($0, ink[$1, y]) } }
    // Below the character there may be another's ink.
    var below: Float = 0
    for y in (character.y..<character.bottom).reversed() {
      let here = darkest(y)
      if here >= 0.5 { return Float(y) + (here - 0.5) / max(here - below, 0.001) }
      below = here
    }
    return Float(character.bottom - 1)
  }
}

/// A picture's ink as weighted points, to be projected on the upright in many directions.
private struct ProjectionProfile {
  private var points: [(x: Float, y: Float, weight: Float)] = []
  private let width: Float
  private let height: Float
  private let total: Float

  /// How many columns of a row are taken as one point.
  private static let chunk: Int32 = 6

  init(_ ink: Plane) {
    (width, height) = (Float(ink.width), Float(ink.height))
    for stretch in ink.stretches(above: 0.3) {
      for first in stride(from: stretch.first, through: stretch.last, by: Int(Self.chunk)) {
        let last = min(first + Self.chunk - 1, stretch.last)
        points.append((Float(first + last) / 2, Float(stretch.row), Float(last - first + 1)))
      }
    }
    total = points.reduce(0) { $0 + $1.weight }
  }

  /// The entropy of the share of ink in each row of the picture, were it turned level by an angle.
  func entropy(at angle: Float) -> Float {
    let (cosine, sine) = (cos(angle), sin(angle))
    let lowest = -width * max(sine, 0)
    var rows = [Float](repeating: 0, count: Int(height * cosine + width * abs(sine)) + 2)
    rows.withUnsafeMutableBufferPointer { rows in
      for point in points { rows[Int(point.y * cosine - point.x * sine - lowest)] += point.weight }
    }
    return rows.reduce(0) { $1 > 0 ? $0 - $1 / total * log($1 / total) : $0 }
  }
}

extension Plane {
  /// The plane turned level: what falls to the right by `angle` lies straight then. All of it fits into the new plane,
  /// and what lies outside reads as 0.
  ///
  /// - Complexity: O(pixels).
  func turnedLevel(from angle: Float) -> Plane {
    let (cosine, sine) = (cos(angle), sin(angle))
    let padded = padded(by: 2)
    let newWidth = Int(Float(width) * cosine + Float(height) * abs(sine)) + 1
    let newHeight = Int(Float(height) * cosine + Float(width) * abs(sine)) + 1
    let (centerX, centerY) = (Float(padded.width - 1) / 2, Float(padded.height - 1) / 2)
    return padded.sampled(width: newWidth, height: newHeight) { y, across, down in
      let below = Float(y) - Float(newHeight - 1) / 2
      for x in 0..<newWidth {
        let right = Float(x) - Float(newWidth - 1) / 2
        across[x] = right * cosine - below * sine + centerX
        down[x] = right * sine + below * cosine + centerY
      }
    }
  }
}
