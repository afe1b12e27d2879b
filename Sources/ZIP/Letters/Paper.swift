/// What paper, light and scanner make of ink.
enum Paper {
  /// Ink on shaded, noisy, perhaps inverted paper.
  ///
  /// - Complexity: O(pixels).
  static func printed(_ ink: Plane, style: LetterStyle, random: inout RandomStream) -> GrayImage {
    var blurred = ink
    let blur = random.uniform(in: style.blur)
    if blur > 0.03 { blurred = blurred.blurred(strength: blur) }
    if random.chance(style.speckShare) { addSpecks(to: &blurred, random: &random) }

    let paper = random.uniform(in: style.paper)
    let contrast = min(random.uniform(in: style.contrast), paper - 8)
    let noise = contrast * random.uniform(in: style.noise)
    let slopeX = style.shading * random.uniform(in: -0.5...0.5)
    let slopeY = style.shading * random.uniform(in: -0.5...0.5)
    let bend = style.shading * random.uniform(in: -0.4...0.4)
    let fading = random.chance(0.3) ? random.uniform(in: 0...0.35) : 0
    let fadingPhase = random.uniform()
    let isInverted = random.chance(style.invertedShare)

    let width = blurred.width
    let height = blurred.height
    var pixels = [UInt8](repeating: 0, count: width * height)
    // What depends on the column alone is worked out once.
    let columnLight = (0..<width).map { x -> Float in
      let u = Float(x) / Float(max(width, 1)) - 0.5
      return paper + slopeX * u + bend * (4 * u * u - 0.5)
    }
    let columnContrast = (0..<width).map { x -> Float in
      let u = Float(x) / Float(max(width, 1)) + fadingPhase
      return contrast * (1 - fading * abs(2 * (u - u.rounded(.down)) - 1))
    }
    // A stream of its own for the loop stays in registers.
    var grain = random
    pixels.withUnsafeMutableBufferPointer { target in
      blurred.values.withUnsafeBufferPointer { source in
        for y in 0..<height {
          let rowLight = slopeY * (Float(y) / Float(max(height, 1)) - 0.5)
          for x in 0..<width {
            let index = y * width + x
            let light = columnLight[x] + rowLight - source[index] * columnContrast[x] + noise * grain.normal()
            let level = UInt8(min(max(light, 0), 255))
            target[index] = isInverted ? 255 - level : level
          }
        }
      }
    }
    random = grain
    if style.pepperedShare > 0, random.chance(style.pepperedShare) {
      let share = random.uniform(in: style.pepper)
      for _ in 0..<Int(share * Float(pixels.count)) {
        pixels[random.integer(below: pixels.count)] = isInverted ? 255 : 0
      }
    }
    return GrayImage(width: width, height: height, checked: pixels)
  }

  private static func addSpecks(to ink: inout Plane, random: inout RandomStream) {
    for _ in 0..<random.integer(in: 1...10) {
      let x = random.integer(below: ink.width)
      let y = random.integer(below: ink.height)
      let darkness = random.uniform(in: 0.2...0.9)
      ink[x, y] = max(ink[x, y], darkness)
      if x + 1 < ink.width, random.chance(0.5) { ink[x + 1, y] = max(ink[x + 1, y], darkness * 0.7) }
      if y + 1 < ink.height, random.chance(0.5) { ink[x, y + 1] = max(ink[x, y + 1], darkness * 0.7) }
    }
  }
}

/// Pictures that are not writing: shades, edges and grain as in a photograph.
enum Texture {
  static func image(random: inout RandomStream) -> GrayImage {
    let height = random.integer(in: 40...90)
    let width = random.integer(in: 60...280)
    var light = Plane(width: width, height: height, filledWith: random.uniform(in: 60...200))
    // Value noise: random lattices from coarse to fine, each weaker than the last.
    var pitch = random.uniform(in: 20...70)
    var amplitude = random.uniform(in: 25...80)
    while pitch > 3 {
      addLattice(to: &light, pitch: pitch, amplitude: amplitude, random: &random)
      pitch *= 0.5
      amplitude *= random.uniform(in: 0.45...0.75)
    }
    for _ in 0..<random.integer(in: 0...6) {
      let x0 = random.integer(below: width)
      let y0 = random.integer(below: height)
      let x1 = min(x0 + random.integer(in: 4...max(width / 2, 5)), width)
      let y1 = min(y0 + random.integer(in: 4...max(height / 2, 5)), height)
      let change = random.uniform(in: -70...70)
      for y in y0..<y1 { for x in x0..<x1 { light[x, y] += change } }
    }
    let grain = random.uniform(in: 0...8)
    let pixels = light.values.map { UInt8(min(max($0 + grain * random.normal(), 0), 255)) }
    return GrayImage(width: width, height: height, checked: pixels)
  }

  private static func addLattice(to light: inout Plane, pitch: Float, amplitude: Float, random: inout RandomStream) {
    let columns = Int(Float(light.width) / pitch) + 3
    let rows = Int(Float(light.height) / pitch) + 3
    var lattice = Plane(width: columns, height: rows)
    for index in lattice.values.indices { lattice.values[index] = amplitude * random.normal() }
    let smooth = lattice.resampled(
      x: 0.5, y: 0.5, width: Float(light.width) / pitch, height: Float(light.height) / pitch,
      to: light.width, by: light.height)
    for index in light.values.indices { light.values[index] += smooth.values[index] }
  }
}
