import DescentData
import DescentTensors
import Foundation
import Testing

/// A Python that has NumPy and safetensors: what `DESCENT_PYTHON` names, or the first `python3` of the path.
private enum Python {
  static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folders = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/python3" }
    let candidates = [environment["DESCENT_PYTHON"]].compactMap { $0 } + folders
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    return found.flatMap { (try? run($0, "import numpy, safetensors.numpy")) == nil ? nil : $0 }
  }()

  static let condition: ConditionTrait = .enabled(
    if: path != nil, "needs a Python with NumPy and safetensors, as python3 on the path or named by DESCENT_PYTHON")

  /// Runs a program and returns what it prints.
  static func run(_ python: String, _ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", program] + arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let fault = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    struct Failure: Error { let text: String }
    guard process.terminationStatus == 0 else { throw Failure(text: fault) }
    return text
  }
}

/// Files that were written here, opened by the libraries whose formats they have.
@Suite(Python.condition) struct PythonFileTests {
  @Test func arraysAndTables() throws {
    let folder = try TemporaryDirectory()
    let matrix = Tensor([[1, 2, 3], [4, 5, 6.5]])
    let ids = Tensor(integers: [7, -8], .int64)
    try NPY.write(matrix, to: folder.at("a.npy"))
    try NPY.write(Tensor(2.5, .float64), to: folder.at("scalar.npy"))
    try NPZ.write(["matrix": matrix, "ids": ids], to: folder.at("a.npz"))
    try NPZ.write(["matrix": matrix, "ids": ids], to: folder.at("c.npz"), compressed: true)
    try Safetensors.write(["matrix": matrix, "ids": ids], index: folder.at("m.safetensors.index.json"), limit: 20)
    let texts = ["x,\"y\"\n", nil, "z"]
    let table = try Table([Table.Column("number", numbers: [0.1, .nan, -3]), Table.Column("text", texts: texts)])
    try table.write(csv: folder.at("t.csv"))
    try table.write(jsonLines: folder.at("t.jsonl"))
    let program = """
      import csv, json, numpy, sys
      from safetensors.numpy import load_file
      folder = sys.argv[1] + "/"
      matrix = numpy.array([[1, 2, 3], [4, 5, 6.5]], dtype="float32")
      def same(a, b): assert a.dtype == b.dtype and a.shape == b.shape and (a == b).all(), (a, b)
      same(numpy.load(folder + "a.npy"), matrix)
      same(numpy.load(folder + "scalar.npy"), numpy.array(2.5))
      for name in "a.npz", "c.npz":
        arrays = numpy.load(folder + name)
        assert sorted(arrays.keys()) == ["ids", "matrix"]
        same(arrays["matrix"], matrix)
        same(arrays["ids"], numpy.array([7, -8]))
      for name, file in json.load(open(folder + "m.safetensors.index.json"))["weight_map"].items():
        same(load_file(folder + file)[name], {"matrix": matrix, "ids": numpy.array([7, -8])}[name])
      rows = list(csv.reader(open(folder + "t.csv", newline="")))
      assert rows == [["number", "text"], ["0.1", 'x,"y"\\n'], ["", ""], ["-3.0", "z"]], rows
      lines = [json.loads(line) for line in open(folder + "t.jsonl")]
      assert lines == [{"number": 0.1, "text": 'x,"y"\\n'}, {"number": None, "text": None}, {"number": -3.0, "text": "z"}]
      numpy.savez_compressed(folder + "back.npz", matrix=numpy.asfortranarray(matrix), big=matrix.astype(">f8"))
      print("well")
      """
    #expect(try Python.run(Python.path ?? "", program, folder.path) == "well\n")
    let back = try NPZ.read(folder.at("back.npz"))
    #expect(try back["matrix"]?.scalars() == matrix.scalars())
    #expect(try back["big"]?.scalars() == matrix.scalars())
  }
}
