import Descent
import Testing

/// Every error that a user of `import Descent` meets says what was asked, what was found and where, in one line.
@Suite struct ErrorTests {
  private struct Line: Layer {
    var dense = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { dense(x) }
  }

  private func caught(_ body: () throws -> Void) throws -> any DescentError {
    do { try body() } catch let error as any DescentError { return error }
    return try #require(nil as (any DescentError)?, "no error of Descent was thrown")
  }

  private func trainer() throws -> Trainer<Line, Batch> {
    try Trainer(Line(), loss: meanSquaredError, optimizer: SGD(learningRate: 0.1))
  }

  @Test func ofTensors() throws {
    let error = try caught { _ = try matmul(Tensor([1, 2, 3]), Tensor([1, 2])).scalars() }
    let line = #line - 1
    #expect(error is TensorError)
    #expect(error.subject == "matmul" && error.message == "inner sizes differ: [3] · [2] (3 ≠ 2)")
    #if DEBUG
      #expect(error.location == "ErrorTests.swift:\(line)")
    #endif
    #expect(error.description.hasPrefix("matmul: inner sizes differ: [3] · [2] (3 ≠ 2) at "))
  }

  @Test func ofFiles() throws {
    let error = try caught { _ = try Safetensors.read("no\nfile") }
    #expect(error is FileError)
    #expect(error.subject == "no\nfile" && error.location == nil)
    #expect(error.description == "no\\nfile: no such file or directory")
    #expect(FileError("", "is empty").description == "(empty path): is empty")
  }

  @Test func ofRuns() throws {
    let data = try Examples(inputs: Tensor([[1.0], [.nan]]), targets: Tensor([[1.0], [1.0]]))
    let error = try caught { _ = try trainer().fit(data.batched(1, shuffled: false), epochs: 1) }
    #expect(error is TrainingError)
    #expect(error.subject == "training" && error.message.hasPrefix("the loss became nan in epoch 1, batch 2"))
    #expect(TrainingError("my loop", "no progress").description == "my loop: no progress")
  }

  /// Wrong arguments are mistakes in the program, whatever they are given to.
  @Test func ofWrongArguments() throws {
    let data = try Examples(inputs: Tensor([[1.0]]), targets: Tensor([[1.0]]))
    let digits = try DigitImages(height: 1, width: 1, pixels: [0], labels: [0])
    let mistakes: [(String, () throws -> Void)] = [
      ("fit", { _ = try trainer().fit(data.batched(1), epochs: -1) }),
      ("fit", { _ = try trainer().fit(data.batched(1), epochs: 1, callbacks: [.checkpoint("a"), .checkpoint("b")]) }),
      ("batched", { _ = try data.batched(0).batch(0, epoch: 0) }),
      ("batch", { _ = try data.batched(1).batch(7, epoch: 0) }),
      ("gathered", { _ = try data.gathered([7]) }), ("selecting", { _ = try digits.selecting([7]) }),
      ("split", { _ = try digits.split(training: 2, calibration: 0, test: 0, seed: 0) }),
      ("Picture", { _ = try Picture(width: 0, height: 1) }), ("IDX", { _ = try IDX([1] as [UInt8], shape: [2]) }),
      ("contactSheet", { _ = try Picture.contactSheet([], columns: 1) }),
      ("predict", { _ = try Line().predict(Tensor([[1.0]]), batchSize: 0).scalars() }),
    ]
    for (subject, mistake) in mistakes {
      let error = try caught(mistake)
      #expect(error is TensorError && error.subject == subject, "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }
}
