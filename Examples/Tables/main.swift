// Tables with missing values and categories: penguins told apart, and wines by their chemistry, each by a small network
// against the most frequent class and against a linear model.

import Descent
import Foundation

struct Network: Layer {
  var hidden = Dense(units: 16)
  var output: Dense

  init(classes: Int) { output = Dense(units: classes) }
  func callAsFunction(_ inputs: Tensor) -> Tensor { output(tanh(hidden(inputs))) }
}

let folder = "../shared/data/tabular"
for (file, target) in [("penguins.csv", "species"), ("wine.csv", "class")] {
  let path = "\(folder)/\(file)"
  guard FileManager.default.fileExists(atPath: path) else {
    print("\(path) is not there: skipped")
    continue
  }
  let table = try Table.read(csv: path)
  print("\(file): \(table)")

  // A quarter of the rows is for the test; the encoding is fitted to the others alone.
  let (trainingRows, testRows) = try Dataset(0..<table.rowCount).split(0.75, seed: 1)
  let training = try table.selecting(rows: trainingRows.all())
  let test = try table.selecting(rows: testRows.all())
  let encoding = try TableEncoding(
    fitting: training.removing(columns: [target]), .imputed(.median), .standardized(), .oneHot())
  let names = try table.column(target).categorized().categoryNames ?? []
  func classes(_ table: Table) throws -> Tensor {
    try Table([table.column(target).categorized(names: names)]).integers(of: target)
  }
  let examples = try Examples(inputs: encoding.tensor(of: training), targets: classes(training))
  let (inputs, targets) = (try encoding.tensor(of: test), try classes(test))

  let counts = try classes(training).integers().reduce(into: [:]) { $0[$1, default: 0] += 1 }
  let mostFrequent = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
  let baseline = Double(try targets.integers().count { $0 == mostFrequent }) / Double(test.rowCount)
  print("  \(encoding.names.count) inputs: \(encoding.names.joined(separator: ", "))")
  print("  the most frequent class: \(percent(baseline)) right")

  let batches = examples.batched(16, seed: 1)
  let linear = try Trainer(
    Dense(units: names.count), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-2), seed: 1)
  try linear.fit(batches, epochs: 20)
  print("  a linear model: \(percent(try accuracy(linear.model.predict(inputs), targets).item())) right")
  let network = try Trainer(
    Network(classes: names.count), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-2), seed: 1)
  try network.fit(batches, epochs: 20)
  print("  a network: \(percent(try accuracy(network.model.predict(inputs), targets).item())) right")
}

func percent(_ part: Double) -> String { String(format: "%.1f %%", part * 100) }
