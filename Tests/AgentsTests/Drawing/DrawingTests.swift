import DescentAgents
import DescentData
import DescentTensors
import Foundation
import Testing

@Suite struct DrawingTests {
  private func start<World: DrawnEnvironment>(of environment: World) throws -> EnvironmentDrawing {
    try environment.drawing(of: try environment.reset(key: RandomKey(seed: 3)))
  }

  @Test func everyEnvironmentIsSeen() throws {
    let drawings = [
      try start(of: CartPole()), try start(of: Pendulum()), try start(of: Acrobot()), try start(of: MountainCar()),
      try start(of: MountainCarContinuous()), try start(of: GridWorld()), try start(of: FrozenLake()),
      try start(of: CliffWalking()), try start(of: Taxi()), try start(of: Bandit()),
      try start(of: IdentityEnvironment()),
      try start(of: ContinuousIdentityEnvironment(count: 2)),
      try start(of: CartPole().limited(to: 5).stackingFrames(2)),
    ]
    for drawing in drawings {
      let picture = try drawing.picture(width: 60)
      #expect(picture.channels == 3 && picture.width == 60)
      let colors = Set(stride(from: 0, to: picture.pixels.count, by: 3).map { Array(picture.pixels[$0..<$0 + 3]) })
      #expect(colors.count >= 2)
      #expect(drawing.svg.hasPrefix("<svg") && drawing.svg.hasSuffix("</svg>\n") && !drawing.svg.contains("nan"))
      let text = try drawing.text(columns: 30)
      #expect(text.split(separator: "\n").allSatisfy { $0.count == 30 })
      #expect(Set(text).count >= 3)
      #expect(try drawing.text(columns: 30, color: true).contains("▀"))
    }
  }

  @Test func shapesAreFilledExactly() throws {
    var drawing = EnvironmentDrawing(width: 10, height: 10, background: .init(0))
    drawing.addRectangle(x: 2, y: 3, width: 4, height: 2, .init(0xffffff))
    let picture = try drawing.picture(width: 10)
    let lit = picture.pixels.indices.filter { $0 % 3 == 0 && picture.pixels[$0] == 255 }.map { $0 / 3 }
    #expect(lit == [32, 33, 34, 35, 42, 43, 44, 45])
    var disk = EnvironmentDrawing(width: 40, height: 40, background: .init(0))
    disk.shapes.append(.circle(.init(20, 20), radius: 15, .init(0xffffff)))
    let sum = try disk.picture(width: 80).pixels.reduce(0) { $0 + Double($1) } / 3 / 255
    #expect(abs(sum / (Double.pi * 30 * 30) - 1) < 0.02)
    #expect(throws: TensorError.self) { try EnvironmentDrawing(width: 0, height: 1).picture() }
    #expect(throws: TensorError.self) { try drawing.picture(width: 0) }
  }

  /// Decoded by a reader of its own, written from the format's description.
  @Test func filmsHoldThePictures() throws {
    let size = 37
    var pictures: [Picture] = []
    for frame in 0..<4 {
      let pixels = (0..<size * size).flatMap { place -> [UInt8] in
        let value = UInt8((place * place / 7 + (place % 5 == 0 ? frame * 31 : 0)) % 200)
        return [value, UInt8(255 - Int(value)), UInt8(place % 3)]
      }
      pictures.append(try Picture(width: size, height: size, channels: 3, pixels: pixels.map { $0 & 0xf0 }))
    }
    pictures.append(pictures[3])
    var film = try GIF(width: size, height: size)
    for picture in pictures { try film.add(picture, seconds: 0.1) }
    let frames = try GIFReader(try film.encoded()).frames()
    #expect(frames.count == 5)
    for (frame, picture) in zip(frames, pictures) { #expect(frame == picture.pixels) }
    #expect(throws: TensorError.self) { try GIF(width: 0, height: 1) }
    #expect(throws: TensorError.self) { try GIF(width: 1, height: 1).encoded() }
    #expect(throws: TensorError.self) { try film.add(try Picture(width: 1, height: 1)) }
  }

  @Test func longFilmsStartTheirTablesAnew() throws {
    // More strings than a table of 4,096 holds, and more colors than 256.
    let size = 160
    var generator = SystemRandomNumberGenerator()
    let pixels = (0..<size * size * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let picture = try Picture(width: size, height: size, channels: 3, pixels: pixels)
    var film = try GIF(width: size, height: size)
    try film.add(picture)
    let decoded = try GIFReader(try film.encoded()).frames()[0]
    let worst = zip(decoded, pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
    #expect(worst < 64)
  }

  @Test func episodesAreFilmed() throws {
    let trained = try TabularLearning(.qLearning, exploration: 0.2, finalExploration: 0, seed: 1).train(
      on: CliffWalking().limited(to: 200), steps: 15_000)
    let film = try EpisodeFilm(of: trained[0].policy, in: trained[0].environment)
    #expect(film.returns == [-13])
    #expect(film.drawings.count == 14)
    let folder = FileManager.default.temporaryDirectory.path + "/descent-film-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try trained[0].record(to: folder + "/cliff.gif")
    #expect(
      try GIFReader(Array(FileManager.default.contents(atPath: folder + "/cliff.gif") ?? Data())).frames().count == 14)
    try film.write(to: folder + "/cliff.png", width: 60)
    #expect(try Picture.read(folder + "/cliff-0014.png").width == 60)
    try film.write(to: folder + "/cliff.svg")
    #expect(throws: (any Error).self) { try film.write(to: folder + "/cliff.mp4") }
    #expect(throws: TensorError.self) { try EpisodeFilm(of: trained[0].policy, in: CartPole()) }
  }
}

/// Pictures from a GIF file.
private struct GIFReader {
  private let bytes: [UInt8]
  private var at = 0

  struct Damaged: Error {}

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func next() throws -> Int {
    guard at < bytes.count else { throw Damaged() }
    defer { at += 1 }
    return Int(bytes[at])
  }

  private mutating func word() throws -> Int { try next() | next() << 8 }

  func frames() throws -> [[UInt8]] {
    var reader = self
    return try reader.read()
  }

  private mutating func read() throws -> [[UInt8]] {
    guard bytes.starts(with: Array("GIF89a".utf8)) else { throw Damaged() }
    at = 6
    let (width, height) = (try word(), try word())
    let colors = 2 << (try next() & 7)
    at += 2
    let table = Array(bytes[at..<at + 3 * colors])
    at += 3 * colors
    var (canvas, frames) = ([UInt8](repeating: 0, count: width * height * 3), [[UInt8]]())
    while true {
      switch try next() {
      case 0x21:
        at += 1
        while case let size = try next(), size > 0 { at += size }
      case 0x2c:
        let (x, y, w, h) = (try word(), try word(), try word(), try word())
        at += 1
        let bits = try next()
        var data: [UInt8] = []
        while case let size = try next(), size > 0 {
          data += bytes[at..<at + size]
          at += size
        }
        let indices = try Self.unpacked(data, bits)
        guard indices.count == w * h else { throw Damaged() }
        for (place, index) in indices.enumerated() {
          let target = 3 * ((y + place / w) * width + x + place % w)
          canvas.replaceSubrange(target..<target + 3, with: table[3 * index..<3 * index + 3])
        }
        frames.append(canvas)
      case 0x3b: return frames
      default: throw Damaged()
      }
    }
  }

  private static func unpacked(_ data: [UInt8], _ bits: Int) throws -> [Int] {
    let clear = 1 << bits
    var (strings, width, last) = ([[Int]](), bits + 1, [Int]?.none)
    var (result, buffer, held) = ([Int](), 0, 0)
    for byte in data {
      buffer |= Int(byte) << held
      held += 8
      while held >= width {
        let code = buffer & ((1 << width) - 1)
        buffer >>= width
        held -= width
        if code == clear {
          strings = (0..<clear).map { [$0] } + [[], []]
          (width, last) = (bits + 1, nil)
          continue
        }
        if code == clear + 1 { return result }
        guard let before = last else {
          result += strings[code]
          last = strings[code]
          continue
        }
        guard code <= strings.count else { throw Damaged() }
        let string = code < strings.count ? strings[code] : before + [before[0]]
        result += string
        if strings.count < 4096 { strings.append(before + [string[0]]) }
        if strings.count == 1 << width, width < 12 { width += 1 }
        last = string
      }
    }
    throw Damaged()
  }
}
