import CFormats
import DescentData

extension GrayImage {
  /// The gray picture in which a picture's writing shows best.
  ///
  /// Colors are laid along the axis on which they differ most, so that red ink shows on green paper of the same
  /// lightness as well; a picture without color is taken as it is. Transparent parts are white paper.
  ///
  /// - Complexity: O(pixels).
  public init(_ picture: Picture) {
    guard picture.channels >= 3 else {
      self.init(width: picture.width, height: picture.height, checked: picture.gray().pixels)
      return
    }
    let gray = picture.gray()
    let opaque = picture.channels == 3
    let axis = Self.mainAxis(of: picture)
    guard opaque, axis.isColored else {
      self.init(width: picture.width, height: picture.height, checked: gray.pixels)
      return
    }
    let reach = 255 * (abs(axis.red) + abs(axis.green) + abs(axis.blue))
    let lowest = 255 * (min(axis.red, 0) + min(axis.green, 0) + min(axis.blue, 0))
    let scale = 255 / max(reach, 1)
    let pixels = picture.pixels
    let result = [UInt8](unsafeUninitializedCapacity: picture.width * picture.height) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        for index in 0..<target.count {
          let red = axis.red * Float(source[3 * index])
          let green = axis.green * Float(source[3 * index + 1])
          let blue = axis.blue * Float(source[3 * index + 2])
          target[index] = UInt8(min(max((red + green + blue - lowest) * scale, 0), 255))
        }
      }
      initialized = target.count
    }
    self.init(width: picture.width, height: picture.height, checked: result)
  }

  /// The direction in which the colors of an opaque picture vary most, pointing to the light.
  private static func mainAxis(of picture: Picture) -> (red: Float, green: Float, blue: Float, isColored: Bool) {
    let gray: (Float, Float, Float, Bool) = (0.299, 0.587, 0.114, false)
    guard picture.channels == 3 else { return gray }
    var sums = [Double](repeating: 0, count: 3)
    var products = [Double](repeating: 0, count: 9)
    var count = 0.0
    // A few thousand pixels tell the axis as well as all of them.
    let step = max(picture.width * picture.height / 20_000, 1)
    for index in stride(from: 0, to: picture.width * picture.height, by: step) {
      let color = (0..<3).map { Double(picture.pixels[3 * index + $0]) }
      count += 1
      for i in 0..<3 {
        sums[i] += color[i]
        for j in 0..<3 { products[3 * i + j] += color[i] * color[j] }
      }
    }
    for i in 0..<3 {
      for j in 0..<3 { products[3 * i + j] = products[3 * i + j] / count - sums[i] * sums[j] / (count * count) }
    }
    // The power method: the covariance applied again and again leaves its main axis.
    var axis = [0.4, 0.5, 0.3]
    for _ in 0..<50 {
      let next = (0..<3).map { i in (0..<3).reduce(0.0) { $0 + products[3 * i + $1] * axis[$1] } }
      let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-9 else { return gray }
      axis = next.map { $0 / length }
    }
    if axis.reduce(0, +) < 0 { axis = axis.map { -$0 } }
    let isColored = (axis.max() ?? 0) - (axis.min() ?? 0) > 0.25
    return (Float(axis[0]), Float(axis[1]), Float(axis[2]), isColored)
  }

  /// A rectangle's brightness, 0 … 1, shrunk to a size where it is larger.
  func light(within box: InkBox, shrunkTo size: (width: Int, height: Int)) -> Plane {
    let scale = min(1, Float(size.height) / Float(box.height), Float(size.width) / Float(box.width))
    // Whole pixels are averaged first: a large picture never exists in floating point.
    let factor = max(min(Int(0.5 / scale), box.width, box.height), 1)
    let width = max(box.width / factor, 1)
    let height = max(box.height / factor, 1)
    var plane = Plane(width: width, height: height)
    let unit = 1 / (255 * Float(factor * factor))
    pixels.withUnsafeBufferPointer { source in
      plane.values.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        dn_plane_from_bytes(
          target, Int64(width), Int64(height), source + box.y * self.width + box.x, Int64(self.width), Int64(factor),
          unit)
      }
    }
    guard scale < 0.999 else { return plane }
    return plane.resampled(
      x: 0, y: 0, width: Float(width), height: Float(height),
      to: max(Int(Float(box.width) * scale), 1), by: max(Int(Float(box.height) * scale), 1))
  }
}
