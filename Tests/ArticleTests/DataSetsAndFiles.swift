import Descent
import Foundation
import Testing

@Suite struct DataSetsAndFiles {
  @Test func tables() throws {
    let temporary = TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path
    let path = folder + "/penguins.csv"
    let text = "mass,island,age\n1.5,Dream,3\n,Biscoe,4\n2.5,Biscoe,5\n1,Dream,6\n2,Dream,6\n3,Biscoe,1\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))

    let table = try Table.read(csv: path)
    print(table)
    // 6 rows, 3 columns
    //   mass: numbers, 1 missing
    //   island: categories
    //   age: integers

    let description = "6 rows, 3 columns\n  mass: numbers, 1 missing\n  island: categories\n  age: integers"
    #expect(table.description == description)

    let encoding = try TableEncoding(
      fitting: table.removing(columns: ["age"]), .imputed(.median), .standardized(), .oneHot())
    let inputs = try encoding.tensor(of: table)  // [6, 3], whatever other columns the table has
    let targets = try table.tensor(of: ["age"])  // [6, 1]
    try encoding.write(to: "\(folder)/ages.json")  // beside the model that is trained on it

    #expect(inputs.shape == [6, 3] && targets.shape == [6, 1])
    #expect(encoding.names == ["mass", "island=Biscoe", "island=Dream"])
    #expect(try TableEncoding.read(folder + "/ages.json") == encoding)

    try NPZ.write(["inputs": inputs, "targets": targets], to: "\(folder)/ages.npz")
    let arrays = try NPZ.read("\(folder)/ages.npz")

    #expect(try arrays["targets"]?.scalars() == [3, 4, 5, 6, 6, 1])
  }

  @Test func pictures() throws {
    let pixels = (0..<4 * 28 * 28).map { UInt8(truncatingIfNeeded: $0) }
    let images = Tensor(bytes: pixels, shape: [4, 28, 28, 1])
    let examples = try Examples(inputs: images, targets: Tensor(integers: [3, 1, 4, 1]), scale: 1 / 255)

    let augmentation = Augmentation(
      height: 24, width: 24, .rotated(within: -10...10), .cropped(padding: 2), .brightness(0.8...1.2), .cutout(size: 6))
    let batches = try examples.augmented(by: augmentation, seed: 1, workers: 2).shuffled(seed: 2).batched(128)
    let mixed = batches.mixed(0.2, classes: 10)  // mixup: targets become probabilities

    #expect(try batches.batch(0, epoch: 0).input.shape == [4, 24, 24, 1])
    #expect(try mixed.batch(0, epoch: 0).target.shape == [4, 10])
  }
}
