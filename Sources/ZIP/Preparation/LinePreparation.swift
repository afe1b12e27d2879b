import DescentData
import Foundation

/// Turns any picture of a line into the strip that the network reads.
///
/// Specks are taken out and the paper's brightness is taken away, whether ink is dark on light or light on dark; the line is
/// turned level; printed rules and boxes are taken out; the writing is found, wide gaps in it are closed, and it is set
/// into a strip of 32×160. Training letters go through the very same function as a user's pictures, so what is learned is
/// what is met.
public enum LinePreparation {
  /// The least width and height of a picture, in pixels.
  public static let smallestSide = 8

  /// The size of the largest picture that is worked on as it is; in a larger one the writing is found first.
  static let workingSize = (width: 480, height: 96)

  /// The size to which a larger picture is shrunk to find the writing in it.
  static let searchSize = (width: 800, height: 320)

  /// The most that is worked on of a larger picture: a long line at a steep angle is as high as it is long.
  static let closeSize = (width: 640, height: 240)

  /// The highest characters that are worked on as they are, in pixels: what is said in pixels about pens and printed lines
  /// holds up to here.
  static let highestCharacter = 52

  /// The height to which higher characters are shrunk, in pixels.
  static let workingHeight: Float = 40

  /// The height that the writing is scaled to, in a strip of 32.
  static let inkHeight: Float = 26

  /// Prepares a picture, gray or color.
  ///
  /// - Throws: A ``Rejection``: too small, blank, noise, no writing on paper, or several codes.
  /// - Complexity: O(pixels).
  public static func prepare(_ picture: Picture) throws(Rejection) -> LineImage {
    try prepare(GrayImage(picture))
  }

  /// Prepares a gray picture.
  ///
  /// - Throws: A ``Rejection``: too small, blank, noise, no writing on paper, or several codes.
  /// - Complexity: O(pixels), about a third of a millisecond for a picture of 60×240 in a release build.
  public static func prepare(_ image: GrayImage) throws(Rejection) -> LineImage {
    guard image.width >= smallestSide, image.height >= smallestSide else {
      throw .tooSmall(width: image.width, height: image.height)
    }
    let clean = image.withoutSpecks()
    do throws(Rejection) {
      let line = try line(in: clean)
      guard line.writing.groupCount == 1 else { throw .several(line.writing.groupCount) }
      let (ink, box) = closingGaps(of: line.ink, box: line.writing.box)
      return strip(ink, box: box)
    } catch {
      if case .several = error { throw error }
      throw image.isNoise ? .noise : error
    }
  }

  /// Ink turned level and freed of printed lines, the writing in it, and the angle at which it stood in the picture.
  struct Line {
    var ink: Plane
    var writing: Writing
    var angle: Float
  }

  /// The line of a picture, at the size at which it is worked on.
  static func line(in image: GrayImage) throws(Rejection) -> Line {
    let whole = InkBox(x: 0, y: 0, width: image.width, height: image.height)
    let isLarge = image.width > workingSize.width || image.height > workingSize.height
    let light = image.light(within: whole, shrunkTo: searchSize)
    let first = try line(in: light)
    guard isLarge || first.writing.height > highestCharacter else { return first }
    let scale = Float(image.width) / Float(light.width)
    let area = area(of: first, in: light, scale: scale).limited(to: whole)
    let shrinking = min(workingHeight / (Float(first.writing.height) * scale), 1)
    let size = (
      width: min(Int(Float(area.width) * shrinking) + 1, closeSize.width),
      height: min(Int(Float(area.height) * shrinking) + 1, closeSize.height)
    )
    return try line(in: image.light(within: area, shrunkTo: size))
  }

  /// The line of a picture as it is.
  private static func line(in light: Plane) throws(Rejection) -> Line {
    var ink = try InkExtraction.ink(in: light)
    var angle = Skew.rough(of: ink)
    // Where printed lines are all but level they are found as they are.
    if abs(angle) > 0.05 { ink = ink.turnedLevel(from: angle) } else { angle = 0 }
    RuleRemoval.removeRules(from: &ink)
    guard var writing = Writing(in: ink) else { throw .blank }
    if let rest = Skew.ofLine(writing, in: ink), abs(rest) > Skew.smallest {
      ink = ink.turnedLevel(from: rest)
      angle += rest
      guard let turned = Writing(in: ink) else { throw .blank }
      writing = turned
    }
    return Line(ink: ink, writing: writing, angle: angle)
  }

  /// Where the writing is in the picture that a line was found in, with some paper around it; in pixels of a picture
  /// `scale` times as large.
  private static func area(of line: Line, in light: Plane, scale: Float) -> InkBox {
    let margin = Float(line.writing.height) * 0.4 + 2
    let box = line.writing.box
    let (cosine, sine) = (cos(line.angle), sin(line.angle))
    var (lowestX, highestX, lowestY, highestY) = (Float.infinity, -Float.infinity, Float.infinity, -Float.infinity)
    for x in [Float(box.x), Float(box.right)] {
      for y in [Float(box.y), Float(box.bottom)] {
        let (right, below) = (x - Float(line.ink.width) / 2, y - Float(line.ink.height) / 2)
        let across = right * cosine - below * sine + Float(light.width) / 2
        let down = right * sine + below * cosine + Float(light.height) / 2
        (lowestX, highestX) = (min(lowestX, across), max(highestX, across))
        (lowestY, highestY) = (min(lowestY, down), max(highestY, down))
      }
    }
    let left = Int((lowestX - margin) * scale)
    let top = Int((lowestY - margin) * scale)
    return InkBox(
      x: left, y: top, width: Int((highestX + margin) * scale) - left, height: Int((highestY + margin) * scale) - top)
  }

  /// Narrows the empty spaces between characters that are wider than a third of their height, as in a row of boxes:
  /// the strip's width is for writing.
  private static func closingGaps(of ink: Plane, box: InkBox) -> (Plane, InkBox) {
    let widest = max(box.height * 3 / 10, 3)
    var kept: [Int] = []
    var gap = 0
    for x in box.x..<(box.x + box.width) {
      let isEmpty = (box.y..<(box.y + box.height)).allSatisfy { ink[x, $0] < 0.3 }
      gap = isEmpty ? gap + 1 : 0
      if gap <= widest { kept.append(x) }
    }
    guard kept.count < box.width else { return (ink, box) }
    var result = Plane(width: kept.count, height: ink.height)
    for y in 0..<ink.height {
      for (column, x) in kept.enumerated() { result[column, y] = ink[x, y] }
    }
    return (result, InkBox(x: 0, y: box.y, width: kept.count, height: box.height))
  }

  /// Sets the writing into the strip: 26 high, about 140 wide if that changes its proportions by less than a quarter.
  private static func strip(_ ink: Plane, box: InkBox) -> LineImage {
    let boxWidth = Float(box.width)
    var scaleY = inkHeight / Float(box.height)
    var scaleX = min(max(140 / boxWidth, 0.75 * scaleY), 1.25 * scaleY)
    scaleX = min(scaleX, 152 / boxWidth)
    scaleY = min(scaleY, scaleX / 0.55)
    let centerX = Float(box.x) + boxWidth / 2
    let centerY = Float(box.y) + Float(box.height) / 2
    let sourceWidth = Float(LineImage.width) / scaleX
    let sourceHeight = Float(LineImage.height) / scaleY
    let result = ink.resampled(
      x: centerX - sourceWidth / 2, y: centerY - sourceHeight / 2, width: sourceWidth, height: sourceHeight,
      to: LineImage.width, by: LineImage.height, outside: 0)
    return LineImage(checked: result.values.map { min(max($0, 0), 1) })
  }
}
