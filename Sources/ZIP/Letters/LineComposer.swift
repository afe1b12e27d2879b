/// What all characters of one line have in common: the hand that wrote it.
struct Hand: Sendable {
  let height: Float
  let stretch: Float
  let slant: Float
  let penWidth: Float
  let gap: Float
  let tilt: Float
  private let style: LetterStyle

  init(style: LetterStyle, random: inout RandomStream) {
    self.style = style
    height = random.uniform(in: style.digitHeight)
    stretch = random.uniform(in: style.stretch)
    slant = random.uniform(in: style.slant)
    penWidth = random.uniform(in: style.penWidth)
    gap = random.uniform(in: style.gap)
    tilt = style.tilt * random.normal() * 0.6
  }

  /// The bending of the next character.
  ///
  /// What a style never does draws no random number, so that its letters are the same with and without the choice.
  func deformation(_ random: inout RandomStream, height given: Float? = nil) -> Deformation {
    Deformation(
      height: (given ?? height) * (1 + style.sizeVariation * random.normal() * 0.6),
      stretch: max(stretch * (1 + style.stretchVariation * random.normal() * 0.6), 0.5),
      slant: slant + style.slantVariation * random.normal() * 0.6,
      rotation: style.rotation * random.normal() * 0.5 + tilt,
      penWidth: penWidth * (1 + 0.1 * random.normal()),
      wobble: style.wobble,
      running: style.runningShare > 0 && random.chance(style.runningShare) ? random.uniform(in: 0.3...1) : 0,
      skips: style.skippingShare > 0 && random.chance(style.skippingShare))
  }
}

/// Sets characters side by side, near enough to touch where the hand wants it, and draws the lines of the form.
struct LineComposer {
  let hand: Hand
  private let style: LetterStyle
  private var patches: [InkPatch] = []

  init(hand: Hand, style: LetterStyle) {
    self.hand = hand
    self.style = style
  }

  mutating func add(_ ink: Plane, deformation: Deformation, random: inout RandomStream) {
    patches.append(InkPatch.drawn(ink, deformation: deformation, random: &random))
  }

  /// The line's ink, 0 … 1, with its margins.
  mutating func composed(random: inout RandomStream) -> Plane {
    let boxed = random.chance(style.boxedShare)
    let ruled = !boxed && random.chance(style.ruledShare)
    let cells = boxed && patches.count > 1 && random.chance(0.6)
    let offsets = cells ? inCells(&random) : inRow(&random)
    // An empty line is as long as five digits would have been.
    let textWidth = zip(patches, offsets).map { $0.maximumX + $1.x }.max() ?? Int(hand.height * 4)
    let top = zip(patches, offsets).map { $0.top + $1.y }.min() ?? 0
    let bottom = zip(patches, offsets).map { $0.bottom + $1.y }.max() ?? Int(hand.height)

    func margin() -> Int { Int(hand.height * random.uniform(in: style.margin)) + 2 }
    let left = margin()
    let above = margin()
    var canvas = Plane(width: left + textWidth + margin() + 1, height: above + bottom - top + margin() + 1)
    for (patch, offset) in zip(patches, offsets) {
      canvas.add(patch.ink, x: left + offset.x, y: above + offset.y - top)
    }
    let frame = FormLines(
      left: left, right: left + textWidth, top: above, bottom: above + bottom - top, height: hand.height,
      tilt: hand.tilt * random.uniform(in: -0.3...1))
    if boxed {
      frame.drawBox(on: &canvas, cells: cells ? patches.count : 1, random: &random)
    } else if ruled {
      frame.drawRules(on: &canvas, random: &random)
    }
    return canvas
  }

  private func vertical(_ patch: InkPatch, x: Float, _ random: inout RandomStream) -> Int {
    // Digits stand on the baseline: their lower edges are aligned, then they jump.
    Int(hand.tilt * x + style.jump * hand.height * random.normal() * 0.6) - patch.bottom
  }

  private func inRow(_ random: inout RandomStream) -> [(x: Int, y: Int)] {
    var offsets: [(x: Int, y: Int)] = []
    for (index, patch) in patches.enumerated() {
      guard let last = offsets.last, index > 0 else {
        offsets.append((x: -patch.minimumX, y: vertical(patch, x: 0, &random)))
        continue
      }
      let previous = patches[index - 1]
      let end = previous.maximumX + last.x
      let y = vertical(patch, x: Float(end), &random)
      let touches = random.chance(style.touchingShare)
      let share =
        touches
        ? random.uniform(in: -style.overlap...0.02)
        : max(hand.gap + style.gapVariation * random.normal() * 0.6, 0.035)
      let gap = Int((share * hand.height).rounded())
      var x = Int.min
      for row in patch.top...patch.bottom {
        // A stroke that passes just above or below its neighbor is as close as one next to it.
        for near in -1...1 {
          let other = row + y - last.y + near
          guard other >= 0, other < previous.right.count, previous.right[other] >= 0, patch.right[row] >= 0 else {
            continue
          }
          x = max(x, previous.right[other] + last.x + 1 + gap - patch.left[row])
        }
      }
      // Digits may reach under each other's arms, but stay in order.
      let narrower = min(previous.maximumX - previous.minimumX, patch.maximumX - patch.minimumX) + 1
      x = max(x, end - narrower / 4 - patch.minimumX)
      offsets.append((x: x, y: y))
    }
    return offsets
  }

  private func inCells(_ random: inout RandomStream) -> [(x: Int, y: Int)] {
    let widest = patches.map { $0.maximumX - $0.minimumX + 1 }.max() ?? 0
    let pitch = Float(widest) + hand.height * random.uniform(in: 0.18...0.5)
    return patches.enumerated().map { index, patch in
      let width = Float(patch.maximumX - patch.minimumX + 1)
      let slack = (pitch - width) * (0.5 + 0.15 * random.normal())
      let x = Float(index) * pitch + slack
      return (x: Int(x) - patch.minimumX, y: vertical(patch, x: x, &random))
    }
  }
}

extension Plane {
  /// Lays ink over ink: the darker of two strokes shows.
  mutating func add(_ patch: Plane, x: Int, y: Int) {
    let firstColumn = max(0, -x)
    let lastColumn = min(patch.width, width - x)
    guard firstColumn < lastColumn else { return }
    for row in max(0, -y)..<max(min(patch.height, height - y), max(0, -y)) {
      let source = row * patch.width
      let target = (row + y) * width + x
      patch.values.withUnsafeBufferPointer { from in
        values.withUnsafeMutableBufferPointer { to in
          for column in firstColumn..<lastColumn {
            to[target + column] = max(to[target + column], from[source + column])
          }
        }
      }
    }
  }
}
