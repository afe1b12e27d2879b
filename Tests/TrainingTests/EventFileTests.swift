import DescentData
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

/// A Python that has TensorBoard: what `DESCENT_PYTHON` names, or the first `python3` of the path.
private enum PythonWithTensorBoard {
  static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folders = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/python3" }
    let candidates = [environment["DESCENT_PYTHON"]].compactMap { $0 } + folders
    return candidates.first { (try? run($0, "import tensorboard")) != nil }
  }()

  /// What a program prints; throws where it fails.
  static func run(_ python: String, _ program: String, _ arguments: [String] = []) throws -> String {
    let (process, output, errors) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", program] + arguments
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let fault = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw TrainingError(python, String(decoding: fault, as: UTF8.self)) }
    return String(decoding: data, as: UTF8.self)
  }
}

@Suite struct EventFileTests {
  private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  /// The check value that all descriptions of CRC-32C give.
  @Test func checksums() {
    #expect(CRC32C.check(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.masked(Array("123456789".utf8)) == 0xC78A_B0E5)
    #expect(CRC32C.check([]) == 0)
  }

  /// Records that TensorBoard 2.21 wrote.
  @Test func recordsAreThoseOfTensorBoard() throws {
    try withTemporaryFolder { folder in
      let file = try EventFile(in: folder, after: nil) { 0 }
      try file.write(scalar: 0.5, named: "loss", step: 7)
      #expect(
        hexadecimal(try bytes(of: file.path))
          == "1800000000000000a37f4b220900000000000000001a0d627261696e2e4576656e743a32eedf28a3"
          + "1a00000000000000129bd82d09000000000000000010072a0d0a0b0a046c6f7373150000003fdbe61b2e")
    }
  }

  @Test func histogramsCount() throws {
    let numbers = [-2.0, -2, 0, 1e-13, 0.5, 0.51, 3e21, .nan, .infinity]
    let histogram = Histogram(numbers)
    #expect(histogram.count == 7 && histogram.nonFiniteCount == 2)
    #expect(histogram.minimum == -2 && histogram.maximum == 3e21 && histogram.sum == 3e21 - 4 + 1e-13 + 1.01)
    #expect(histogram.bins.reduce(0) { $0 + $1.count } == 7)
    for (below, bin) in zip(histogram.bins, histogram.bins.dropFirst()) {
      let count = numbers.count { $0 > below.upperBound && $0 <= bin.upperBound }
      #expect(bin.count == count && below.upperBound < bin.upperBound)
    }
    #expect(histogram.bins[0].count == 0)
    let none = Histogram([.nan])
    #expect(none.bins.isEmpty && none.count == 0 && none.minimum.isNaN)
  }

  /// TensorBoard itself reads what a training writes.
  @Test(
    .enabled(
      if: PythonWithTensorBoard.path != nil,
      "needs a Python with TensorBoard, as python3 on the path or named by DESCENT_PYTHON"))
  func tensorBoardReads() throws {
    let python = try #require(PythonWithTensorBoard.path)
    try withTemporaryFolder { folder in
      let report = try smallTrainer().fit(
        points(12).batched(4), validation: points(4), epochs: 2,
        callbacks: [
          .tensorBoard(folder, everySteps: 1, settings: ["width": .number(8), "dropped": .flag(true)]),
          .learningRate(), .histograms(everySteps: 3),
          .pictures("picture") { (_: SmallNetwork) in [try Picture(width: 3, height: 2, color: [9, 8, 7])] },
          Callback(Telling()),
        ])
      let program = """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        from tensorboard.plugins.hparams import metadata
        events = EventAccumulator(sys.argv[1], size_guidance={'histograms': 0, 'images': 0, 'tensors': 0})
        events.Reload()
        tags = events.Tags()
        print(sorted(tags['scalars']))
        for tag in ['step/loss', 'epoch/loss', 'validation/accuracy', 'learning rate']:
          print(tag, [(e.step, e.value) for e in events.Scalars(tag)])
        print([(e.step, e.histogram_value.num) for e in events.Histograms('weights/hidden.weight')])
        h = events.Histograms('gradients/hidden.weight')[0].histogram_value
        print(len(h.bucket) == len(h.bucket_limit), sum(h.bucket), h.min <= h.max)
        i = events.Images('picture')[0]
        print(i.step, i.width, i.height, i.encoded_image_string[:4])
        print([(e.step, list(e.tensor_proto.string_val)) for e in events.Tensors('note')])
        data = events.SummaryMetadata('_hparams_/session_start_info').plugin_data.content
        start = metadata.parse_session_start_info_plugin_data(data)
        print(sorted((k, v.number_value or v.string_value or v.bool_value) for k, v in start.hparams.items()))
        data = events.SummaryMetadata('_hparams_/experiment').plugin_data.content
        experiment = metadata.parse_experiment_plugin_data(data)
        print([m.name.tag for m in experiment.metric_infos])
        data = events.SummaryMetadata('_hparams_/session_end_info').plugin_data.content
        print(metadata.parse_session_end_info_plugin_data(data).status)
        """
      let lines = try PythonWithTensorBoard.run(python, program, [folder]).split(separator: "\n").map(String.init)
      #expect(
        lines[0] == "['epoch/accuracy', 'epoch/loss', 'learning rate', 'step/accuracy', 'step/loss',"
          + " 'validation/accuracy', 'validation/loss']", "\(lines[0])")
      #expect(lines[1].hasPrefix("step/loss [(1, ") && lines[1].split(separator: "(").count == 7, "\(lines[1])")
      let loss = Double(Float(try #require(report.epochs[1].training["loss"])))
      #expect(lines[2].hasSuffix("(6, \(loss))]"), "\(lines[2])")
      #expect(lines[3].hasPrefix("validation/accuracy [(3, "), "\(lines[3])")
      #expect(lines[4].hasPrefix("learning rate [(1, 0.0099"), "\(lines[4])")
      #expect(lines[5] == "[(1, 32.0), (4, 32.0)]", "\(lines[5])")
      #expect(lines[6] == "True 32.0 True", "\(lines[6])")
      #expect(lines[7] == "3 3 2 b'\\x89PNG'", "\(lines[7])")
      #expect(lines[8] == "[(3, [b'epoch **1**']), (6, [b'epoch **2**'])]", "\(lines[8])")
      #expect(lines[9].contains("('dropped', True)") && lines[9].contains("('width', 8.0)"), "\(lines[9])")
      #expect(lines[9].contains("('model', 'SmallNetwork')") && lines[9].contains("'Adam("), "\(lines[9])")
      #expect(
        lines[10] == "['epoch/loss', 'validation/loss', 'epoch/accuracy', 'validation/accuracy']", "\(lines[10])")
      #expect(lines[11] == "1", "\(lines[11])")
    }
  }

  private struct Telling: TrainingCallback {
    typealias State = StatelessCallback
    let name = "telling"
    func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
      training.record(.text("epoch **\(epoch.number)**"), named: "note")
    }
  }

  /// A run that goes on says from where, and TensorBoard drops what came later.
  @Test(
    .enabled(
      if: PythonWithTensorBoard.path != nil,
      "needs a Python with TensorBoard, as python3 on the path or named by DESCENT_PYTHON"))
  func tensorBoardDropsWhatWasTakenBack() throws {
    let python = try #require(PythonWithTensorBoard.path)
    try withTemporaryFolder { folder in
      let first = try EventFile(in: folder, after: nil) { 1 }
      for step in 1...6 { try first.write(scalar: 1, named: "loss", step: step) }
      let second = try EventFile(in: folder, after: 3) { 2 }
      for step in 4...5 { try second.write(scalar: 2, named: "loss", step: step) }
      let program = """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        events = EventAccumulator(sys.argv[1])
        events.Reload()
        print([(e.step, e.value) for e in events.Scalars('loss')])
        """
      let found = try PythonWithTensorBoard.run(python, program, [folder])
      #expect(found == "[(1, 1.0), (2, 1.0), (3, 1.0), (4, 2.0), (5, 2.0)]\n", "\(found)")
    }
  }
}
