import Descent
import Foundation
import Testing

@Suite struct DataSetsAndFiles {
  @Test func tables() throws {
    let temporary = TemporaryFolder()
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
}
