import DescentData
import DescentTensors
import DescentTypes
import Foundation
import Testing

@Suite struct AugmentationTests {
  /// Six pixels in two rows of three.
  let bytes = Tensor(bytes: [0, 51, 102, 153, 204, 255], shape: [1, 2, 3, 1])
  let plain = [0, 0.2, 0.4, 0.6, 0.8, 1]

  func changed(_ augmentation: Augmentation, _ pictures: Tensor? = nil, seed: UInt64 = 1) throws -> Tensor {
    try augmentation.batch(of: pictures ?? bytes, [0], seed: seed, epoch: 0)
  }

  func expect(
    _ found: Tensor, _ shape: Shape, _ values: [Double], within tolerance: Double = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(found.shape == shape && found.elementType == .float32, sourceLocation: sourceLocation)
    let scalars = try found.scalars()
    let isClose = scalars.count == values.count && zip(scalars, values).allSatisfy { abs($0 - $1) <= tolerance }
    #expect(isClose, "\(scalars)", sourceLocation: sourceLocation)
  }

  @Test func places() throws {
    try expect(changed(Augmentation()), [1, 2, 3, 1], plain)
    try expect(changed(Augmentation(.flipped(probability: 1))), [1, 2, 3, 1], [0.4, 0.2, 0, 1, 0.8, 0.6])
    try expect(changed(Augmentation(.flippedVertically(probability: 1))), [1, 2, 3, 1], [0.6, 0.8, 1, 0, 0.2, 0.4])
    try expect(changed(Augmentation(.rotated(within: 180...180))), [1, 2, 3, 1], plain.reversed())
    // A quarter to the right: the left column becomes the upper row.
    let square = Tensor(floats: [1, 2, 3, 4], shape: [1, 2, 2, 1])
    try expect(changed(Augmentation(.rotated(within: 90...90)), square), [1, 2, 2, 1], [3, 1, 4, 2])
    // What is moved in is the fill, or the edge.
    let corner = try changed(Augmentation(height: 4, width: 5, fill: 0.5, .croppedToMiddle))
    try expect(
      corner, [1, 4, 5, 1],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] + plain[..<3] + [0.5, 0.5] + plain[3...] + Array(repeating: 0.5, count: 6))
    let repeated = try changed(Augmentation(height: 4, width: 3, fill: nil, .croppedToMiddle))
    try expect(repeated, [1, 4, 3, 1], plain[..<3] + plain + plain[3...])
    try expect(changed(Augmentation(height: 1, width: 1, .croppedToMiddle)), [1, 1, 1, 1], [0.5])
  }

  @Test func sizes() throws {
    // Halves are means of squares; doubles interpolate.
    let square = Tensor(
      floats: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map { $0 / 16 }, shape: [1, 4, 4, 1])
    try expect(
      changed(Augmentation(height: 2, width: 2), square), [1, 2, 2, 1], [2.5, 4.5, 10.5, 12.5].map { $0 / 16 })
    let row = Tensor(floats: [0, 1], shape: [1, 1, 2, 1])
    try expect(changed(Augmentation(height: 1, width: 4, fill: nil), row), [1, 1, 4, 1], [0, 0.25, 0.75, 1])
    for seed in 0..<20 as Range<UInt64> {
      let piece = try changed(Augmentation(height: 2, width: 2, .cropped()), square, seed: seed).scalars()
      #expect(piece[1] - piece[0] == 1 / 16 && piece[2] - piece[0] == 4 / 16)
      let resized = try changed(Augmentation(height: 3, width: 3, fill: nil, .resizedPiece()), square, seed: seed)
      #expect(try resized.scalars().allSatisfy { (0...0.95).contains($0) })
    }
  }

  @Test func colors() throws {
    let red = Tensor(floats: [1, 0, 0, 0.5, 0.5, 0.5], shape: [1, 1, 2, 3])
    func expect(_ change: Augmentation.Change, _ values: [Double], within tolerance: Double = 1e-6) throws {
      try self.expect(changed(Augmentation(change), red), [1, 1, 2, 3], values, within: tolerance)
    }
    try expect(.brightness(0.5...0.5), [0.5, 0, 0, 0.25, 0.25, 0.25])
    try expect(.brightness(3...3), [1, 0, 0, 1, 1, 1])
    try expect(.saturation(0...0), [0.299, 0.299, 0.299, 0.5, 0.5, 0.5])
    try expect(.gray(probability: 1), [0.299, 0.299, 0.299, 0.5, 0.5, 0.5])
    try expect(.contrast(0...0), Array(repeating: 0.3995, count: 6))
    try expect(.hue(0...0), [1, 0, 0, 0.5, 0.5, 0.5], within: 2e-3)
    try expect(.hue(1...1), [1, 0, 0, 0.5, 0.5, 0.5], within: 2e-3)
    try expect(.normalized(mean: [0.5, 0, 1], deviation: [0.5, 1, 2]), [1, 0, -0.5, 0, 0.5, -0.25])
    // Gray has no hue to turn.
    let turned = try changed(Augmentation(.hue(0.3...0.3)), red).scalars()
    #expect(turned[3...].allSatisfy { abs($0 - 0.5) < 2e-3 } && turned[0] < 0.9)
  }

  @Test func noiseAndHoles() throws {
    let gray = Tensor(repeating: 0.5, shape: [1, 100, 100, 1])
    let noisy = try changed(Augmentation(.noise(0.1...0.1)), gray).scalars()
    let mean = noisy.reduce(0, +) / 10_000
    let variance = noisy.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
    #expect(abs(mean - 0.5) < 0.005 && abs(variance.squareRoot() - 0.1) < 0.005)
    let white = Tensor(ones: [1, 10, 10, 3])
    for seed in 0..<20 as Range<UInt64> {
      let cut = try changed(Augmentation(.cutout(size: 4)), white, seed: seed).scalars()
      let dark = cut.count { $0 == 0 }
      #expect(dark % 3 == 0 && (4 * 3...16 * 3).contains(dark) && cut.count { $0 == 1 } == 300 - dark)
    }
  }

  @Test func whatIsDrawnBelongsToSeedPassAndPicture() throws {
    let pictures = RandomKey(seed: 1).uniform([8, 6, 6, 3])
    let augmentation = Augmentation(
      .flipped(), .rotated(within: -20...20), .moved(by: 0.1), .scaled(within: 0.9...1.1), .sheared(within: -5...5),
      .cropped(padding: 1), .brightness(0.8...1.2), .contrast(0.8...1.2), .saturation(0.5...1.5), .hue(-0.1...0.1),
      .gray(), .noise(0...0.1), .cutout(size: 2))
    func batch(_ places: [Int], seed: UInt64 = 1, epoch: Int = 0, workers: Int = 1) throws -> [Double] {
      try augmentation.batch(of: pictures, places, seed: seed, epoch: epoch, workers: workers).scalars()
    }
    let all = try batch(Array(0..<8))
    #expect(try batch([5]) == Array(all[5 * 108..<6 * 108]))
    #expect(try batch(Array(0..<8), workers: 3) == all)
    #expect(try batch(Array(0..<8), epoch: 1) != all)
    #expect(try batch(Array(0..<8), seed: 2) != all)
    #expect(try JSONDecoder().decode(Augmentation.self, from: JSONEncoder().encode(augmentation)) == augmentation)
  }

  @Test func examplesInBatches() throws {
    let pictures = Tensor(bytes: Array(0..<48), shape: [12, 2, 2, 1])
    let examples = try Examples(inputs: pictures, targets: Tensor(integers: Array(0..<12)), scale: 1 / 255)
    let batches = try examples.augmented(by: Augmentation(), seed: 1, workers: 2).shuffled(seed: 1).batched(5)
    let batch = try batches.batch(0, epoch: 0)
    #expect(batch.input.shape == [5, 2, 2, 1] && batch.target.elementType == .int32)
    let first = try batch.input[.all, 0, 0, 0].scalars()
    #expect(zip(first, try batch.target.scalars()).allSatisfy { abs($0 * 255 - 4 * $1) < 1e-4 })
    #expect(try examples.augmented(by: Augmentation()).element(3).input.shape == [2, 2, 1])
    let mixed = try batches.mixed(1, classes: 12, seed: 3).batch(0, epoch: 0)
    #expect(mixed.input.shape == [5, 2, 2, 1] && mixed.target.shape == [5, 12])
    let sums = try mixed.target.sum(axes: [1]).scalars()
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 })
    // Inputs are mixed by the shares of their classes.
    let means = try matmul(mixed.target, (Tensor(rangeTo: 12).converted(to: .float32) * 4 / 255).reshaped([12, 1]))
      .scalars()
    #expect(zip(try mixed.input[.all, 0, 0, 0].scalars(), means).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try batches.mixed(1, classes: 12, seed: 3).batch(0, epoch: 0).target.scalars() == mixed.target.scalars())
    struct Scalars: BatchSource {
      var batchCount: Int { 1 }
      var exampleCount: Int { 1 }
      func batch(_ index: Int, epoch: Int) -> Batch { Batch(input: Tensor(1.0), target: Tensor(integers: [0])) }
    }
    expectMistake("needs floating-point inputs, [batch, …]") { try Scalars().mixed(classes: 2).batch(0, epoch: 0) }
    expectMistake("where both have to be positive") { try batches.mixed(0, classes: 12).batch(0, epoch: 0) }
  }

  /// Rectangles of other pictures, and classes by their parts of the area.
  @Test func picturesAreCutTogether() throws {
    let (count, height, width) = (6, 5, 7)
    let pictures = Tensor(
      (0..<count * height * width).map { Double($0 / (height * width)) }, shape: [count, height, width, 1], .float32)
    let examples = try Examples(inputs: pictures, targets: Tensor(integers: Array(0..<count)))
    let batches = examples.batched(count, shuffled: false)
    var areas: Set<Int> = []
    for epoch in 0..<8 {
      let batch = try batches.cutMixed(classes: count, seed: 3).batch(0, epoch: epoch)
      let (pixels, shares) = try (batch.input.scalars(), batch.target.scalars())
      for picture in 0..<count {
        let own = pixels[picture * height * width..<(picture + 1) * height * width]
        let places = own.enumerated().filter { $0.element != Double(picture) }.map(\.offset)
        areas.insert(places.count)
        let (rows, columns) = (Set(places.map { $0 / width }), Set(places.map { $0 % width }))
        #expect(places.count == rows.count * columns.count && Set(places.map { own[own.startIndex + $0] }).count <= 1)
        #expect((rows.max() ?? 0) - (rows.min() ?? 0) == max(0, rows.count - 1))
        let share = shares[picture * count + picture]
        #expect(abs(share - (1 - Double(places.count) / Double(height * width))) < 1e-6)
        guard let other = places.first.map({ Int(own[own.startIndex + $0]) }) else { continue }
        #expect(abs(shares[picture * count + other] - (1 - share)) < 1e-6)
      }
    }
    #expect(areas.count > 5)
    let again = try (0..<2).map { _ in try batches.cutMixed(classes: count).batch(0, epoch: 1).input.scalars() }
    #expect(again[0] == again[1])
    let vectors = try Examples(inputs: Tensor(zeros: [2, 3]), targets: Tensor(integers: [0, 1])).batched(2)
    expectMistake("cutMixed: takes pictures [batch, height, width, channels], found [2, 3]") {
      try vectors.cutMixed(classes: 2).batch(0, epoch: 0)
    }
  }

  @Test func mistakes() throws {
    func mistake(_ text: String, _ augmentation: Augmentation, _ pictures: Tensor? = nil) {
      expectMistake(text) { try changed(augmentation, pictures) }
    }
    mistake("a result of 0 pixels", Augmentation(height: 0))
    mistake(
      "cannot be applied to pictures of 1 channels", Augmentation(.normalized(mean: [0, 0, 0], deviation: [1, 1, 1])))
    mistake("flipped(probability: 2.0) cannot be applied", Augmentation(.flipped(probability: 2)))
    mistake("cannot be applied", Augmentation(.scaled(within: 0...1)))
    mistake("cannot be applied", Augmentation(.rotated(within: 0 ... .infinity)))
    mistake("the fill 2.0 is outside 0...1", Augmentation(fill: 2))
    mistake("are no pictures", Augmentation(), Tensor(zeros: [2, 3]))
    mistake("are no pictures", Augmentation(), Tensor(zeros: [1, 2, 3, 1], .float64))
    mistake("have no pixels", Augmentation(), Tensor(zeros: [1, 0, 3, 1]))
    expectMistake("there is no picture 1 among 1") { try Augmentation().batch(of: bytes, [1], seed: 0, epoch: 0) }
  }

  @Test func pictures() throws {
    let picture = try Picture(width: 3, height: 2, channels: 1, pixels: [0, 51, 102, 153, 204, 255])
    #expect(picture.flipped().pixels == [102, 51, 0, 255, 204, 153])
    #expect(picture.flippedVertically().pixels == [153, 204, 255, 0, 51, 102])
    #expect(try picture.rotated(degrees: 180).pixels == picture.pixels.reversed())
    #expect(try picture.cropped(rows: 1..<2, columns: 0..<2).pixels == [153, 204])
    let larger = try picture.resized(height: 4, width: 6)
    #expect(larger.width == 6 && larger.height == 4 && larger.pixels.first == 0 && larger.pixels.last == 255)
    #expect(try larger.resized(height: 2, width: 3).pixels.first.map { abs(Int($0) - 25) <= 1 } == true)
    #expect(picture.tensor.shape == [2, 3, 1])
    expectMistake("resized: a result of 0 pixels") { try picture.resized(height: 0, width: 1) }
    expectMistake("rows 0..<3") { try picture.cropped(rows: 0..<3, columns: 0..<1) }
  }
}

@Suite struct PictureFolderTests {
  @Test func classesAndPictures() throws {
    let directory = try TemporaryDirectory()
    for (name, shade) in [("cat", 10), ("dog", 200)] as [(String, UInt8)] {
      try FileManager.default.createDirectory(atPath: directory.at(name), withIntermediateDirectories: true)
      for number in 1...2 {
        try Picture(width: 2, height: 2, color: [shade]).write(png: directory.at("\(name)/\(number).PNG"))
      }
      try directory.file("\(name)/notes.txt", [1])
    }
    let folder = try PictureFolder(directory.path)
    #expect(folder.classes == ["cat", "dog"])
    #expect(folder.files.map(\.label) == [0, 0, 1, 1])
    #expect(folder.files[2].path == directory.at("dog/1.PNG"))
    #expect(try PictureFolder(directory.path, classes: ["dog", "fox", "cat"]).files.map(\.label) == [0, 0, 2, 2])
    expectFault("is none of the classes dog", in: directory.at("cat")) {
      try PictureFolder(directory.path, classes: ["dog"])
    }
    expectFault("no such folder") { try PictureFolder(directory.at("absent")) }
    expectFault("is a file, not a folder") { try PictureFolder(directory.at("cat/1.PNG")) }
    expectFault("has no folders") { try PictureFolder(directory.at("cat")) }
    try FileManager.default.createDirectory(atPath: directory.at("eel"), withIntermediateDirectories: true)
    expectFault("holds no file that ends in .png", in: directory.at("eel")) { try PictureFolder(directory.path) }
  }

  @Test(hasPNG) func picturesAreReadWhenTheyAreAskedFor() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.at("a"), withIntermediateDirectories: true)
    try Picture(width: 4, height: 2, color: [102]).write(png: directory.at("a/1.png"))
    try directory.file("a/2.jpg", [0xFF, 0xD8, 0])
    let augmentation = Augmentation(height: 2, width: 2)
    let examples = try PictureFolder(directory.path).examples.map(seed: 1) { example, random in
      Batch(
        input: try augmentation(example.picture, using: &random), target: Tensor(integers: [example.label], shape: []))
    }
    let first = try examples.element(0)
    #expect(first.input.shape == [2, 2, 1])
    #expect(try first.input.scalars().allSatisfy { abs($0 - 0.4) < 1e-6 })
    expectFault("JPEG: ", in: directory.at("a/2.jpg")) { try examples.element(1) }
  }
}
