import CFormats
import Foundation

extension Augmentation {
  /// Draws the changes for one picture.
  ///
  /// The numbers and the picture's size were checked.
  func drawn(height: Int, width: Int, channels: Int, using random: inout ElementRandom) -> dn_warp {
    let size = (height: self.height ?? height, width: self.width ?? width)
    var window = Window(left: 0, top: 0, width: Double(width), height: Double(height))
    var place = Affine()
    var color = ColorMatrix()
    var warp = dn_warp()
    warp.contrast = 1
    warp.factor = (1, 1, 1, 1)
    let gray = Float(fill ?? 0)
    warp.fill = (gray, gray, gray, gray)
    warp.repeats_edges = fill == nil
    for change in changes {
      switch change {
      case .flipped(let probability):
        if random.unit() < probability { place = place.then(Affine(a: -1)) }
      case .flippedVertically(let probability):
        if random.unit() < probability { place = place.then(Affine(e: -1)) }
      case .rotated(let range):
        let angle = random.number(in: range) * .pi / 180
        place = place.then(Affine(a: cos(angle), b: -sin(angle), d: sin(angle), e: cos(angle)))
      case .moved(let part):
        let across = random.number(in: -part...part) * Double(size.width)
        let down = random.number(in: -part...part) * Double(size.height)
        place = place.then(Affine(c: across, f: down))
      case .scaled(let range):
        let factor = random.number(in: range)
        place = place.then(Affine(a: factor, e: factor))
      case .sheared(let range):
        place = place.then(Affine(b: tan(random.number(in: range) * .pi / 180)))
      case .cropped(let padding):
        window = .piece(of: (height, width), size, padding: padding, using: &random)
      case .croppedToMiddle:
        window = Window(
          left: Double(width - size.width) / 2, top: Double(height - size.height) / 2, width: Double(size.width),
          height: Double(size.height))
      case .resizedPiece(let area, let ratio):
        window = .piece(of: (height, width), area: area, ratio: ratio, using: &random)
      case .brightness(let range): color.multiply(by: Float(random.number(in: range)))
      case .contrast(let range): warp.contrast *= Float(random.number(in: range))
      case .saturation(let range): color.saturate(by: Float(random.number(in: range)))
      case .hue(let range): color.turn(by: random.number(in: range))
      case .gray(let probability):
        if random.unit() < probability { color.saturate(by: 0) }
      case .noise(let range):
        warp.noise = Float(random.number(in: range))
        warp.seed = random.next()
      case .cutout(let side):
        let column = random.place(below: size.width)
        let row = random.place(below: size.height)
        warp.hole_left = Int64(max(0, column - side / 2))
        warp.hole_top = Int64(max(0, row - side / 2))
        warp.hole_right = Int64(min(size.width, column - side / 2 + side))
        warp.hole_bottom = Int64(min(size.height, row - side / 2 + side))
      case .normalized(let mean, let deviation):
        func four(_ values: [Double]) -> (Float, Float, Float, Float) {
          let all = (0..<4).map { Float(values[values.count == 1 ? 0 : min($0, values.count - 1)]) }
          return (all[0], all[1], all[2], all[3])
        }
        warp.shift = four(mean)
        warp.factor = four(deviation.map { 1 / $0 })
      }
    }
    warp.color = color.factors
    window.apply(place, to: &warp, size)
    return warp
  }
}

/// The piece of a picture that the result shows where nothing is turned.
private struct Window {
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  /// A piece of the result's size.
  static func piece(
    of picture: (height: Int, width: Int), _ size: (height: Int, width: Int), padding: Int,
    using random: inout ElementRandom
  ) -> Window {
    func start(_ count: Int, _ wanted: Int) -> Double {
      let places = count + 2 * padding - wanted
      // A piece that is larger than the picture has the picture in its middle.
      guard places >= 0 else { return Double(places) / 2 - Double(padding) }
      return Double(random.place(below: places + 1) - padding)
    }
    let left = start(picture.width, size.width)
    let top = start(picture.height, size.height)
    return Window(left: left, top: top, width: Double(size.width), height: Double(size.height))
  }

  /// A piece of a part of the area; the largest one of a possible ratio where ten draws do not fit.
  static func piece(
    of picture: (height: Int, width: Int), area: ClosedRange<Double>, ratio: ClosedRange<Double>,
    using random: inout ElementRandom
  ) -> Window {
    let (height, width) = (Double(picture.height), Double(picture.width))
    for _ in 0..<10 {
      let pixels = random.number(in: area) * height * width
      let proportion = exp(random.number(in: log(ratio.lowerBound)...log(ratio.upperBound)))
      let (w, h) = ((pixels * proportion).squareRoot(), (pixels / proportion).squareRoot())
      if w <= width, h <= height {
        return Window(left: random.unit() * (width - w), top: random.unit() * (height - h), width: w, height: h)
      }
    }
    let proportion = min(max(width / height, ratio.lowerBound), ratio.upperBound)
    let (w, h) = (min(width, height * proportion), min(height, width / proportion))
    return Window(left: (width - w) / 2, top: (height - h) / 2, width: w, height: h)
  }

  /// Says where in the picture each place of the result is from.
  func apply(_ place: Affine, to warp: inout dn_warp, _ size: (height: Int, width: Int)) {
    let (across, down) = (width / Double(size.width), height / Double(size.height))
    let (middleX, middleY) = (Double(size.width) / 2, Double(size.height) / 2)
    let back = place.inverse
    (warp.a, warp.b) = (across * back.a, across * back.b)
    (warp.d, warp.e) = (down * back.d, down * back.e)
    warp.c = left + across * (middleX + back.c - back.a * middleX - back.b * middleY)
    warp.f = top + down * (middleY + back.f - back.d * middleX - back.e * middleY)
  }
}

/// A change of places, relative to the middle: x' = a·x + b·y + c, y' = d·x + e·y + f.
private struct Affine {
  var a = 1.0
  var b = 0.0
  var c = 0.0
  var d = 0.0
  var e = 1.0
  var f = 0.0

  /// This change followed by another.
  func then(_ next: Affine) -> Affine {
    Affine(
      a: next.a * a + next.b * d, b: next.a * b + next.b * e, c: next.a * c + next.b * f + next.c,
      d: next.d * a + next.e * d, e: next.d * b + next.e * e, f: next.d * c + next.e * f + next.f)
  }

  /// The change back. None of those that are drawn flattens the plane.
  var inverse: Affine {
    let determinant = a * e - b * d
    let (p, q, r, s) = (e / determinant, -b / determinant, -d / determinant, a / determinant)
    return Affine(a: p, b: q, c: -(p * c + q * f), d: r, e: s, f: -(r * c + s * f))
  }
}

/// What becomes of red, green and blue.
private struct ColorMatrix {
  private var rows: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

  var factors: (Float, Float, Float, Float, Float, Float, Float, Float, Float) {
    (rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7], rows[8])
  }

  mutating func multiply(by factor: Float) { rows = rows.map { $0 * factor } }

  mutating func saturate(by factor: Float) {
    let light: [Float] = [0.299, 0.587, 0.114]
    let matrix = (0..<9).map { index -> Float in
      (1 - factor) * light[index % 3] + (index % 4 == 0 ? factor : 0)
    }
    follow(with: matrix)
  }

  /// Turns the hue by parts of a circle, about the axis of grays in the space of luma and color differences, YIQ.
  mutating func turn(by parts: Double) {
    let (c, s) = (Float(cos(parts * 2 * .pi)), Float(sin(parts * 2 * .pi)))
    follow(with: [
      0.299 + 0.701 * c + 0.168 * s, 0.587 - 0.587 * c + 0.330 * s, 0.114 - 0.114 * c - 0.497 * s,
      0.299 - 0.299 * c - 0.328 * s, 0.587 + 0.413 * c + 0.035 * s, 0.114 - 0.114 * c + 0.292 * s,
      0.299 - 0.300 * c + 1.250 * s, 0.587 - 0.588 * c - 1.050 * s, 0.114 + 0.886 * c - 0.203 * s,
    ])
  }

  private mutating func follow(with next: [Float]) {
    rows = (0..<9).map { index in
      let (row, column) = (index / 3, index % 3)
      let first = next[3 * row] * rows[column]
      let second = next[3 * row + 1] * rows[3 + column]
      return first + second + next[3 * row + 2] * rows[6 + column]
    }
  }
}
