import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

@Suite struct ModelTests {
  @Test func predictsInSlicesWhatItComputesAtOnce() throws {
    let images = sample([11, 5, 5, 2])
    let model = try Everything().initialized(for: images)
    let whole = try model(images).scalars()
    for size in [1, 4, 11, 100] { try expectClose(model.predict(images, batchSize: size).scalars(), whole) }
    #expect(model.predict(sample([0, 5, 5, 2])).shape == [0, 2])
  }

  @Test func predictionCarriesErrors() throws {
    let model = try Everything().initialized(for: sample([1, 5, 5, 2]))
    #expect(fault(of: Everything().predict(sample([600, 5, 5, 2]))).contains("conv (Conv2D): has no parameters yet"))
    #expect(fault(of: model.predict(Tensor(1.0))).contains("scalar"))
    #expect(fault(of: model.predict(sample([2, 5, 5, 2]), batchSize: 0)).contains("batch size 0"))
    #expect(fault(of: Summing().predict(sample([4, 2]), batchSize: 2)).contains("not a row for each"))
  }

  struct Summing: Layer {
    func callAsFunction(_ x: Tensor) -> Tensor { x.sum() }
  }

  @Test func predictionIsRecordedInsideFunctions() throws {
    let model = try Dense(units: 1).initialized(for: sample([1, 2]))
    let slope = try gradient(at: sample([6, 2])) { model.predict($0, batchSize: 2).sum() }
    #expect(slope.shape == [6, 2])
  }

  @Test func summaryListsParameters() throws {
    let open = Everything().summary
    #expect(open.contains("not bound yet"))
    let lines = try Everything().initialized(for: Tensor(zeros: [1, 5, 5, 2])).summary.split(separator: "\n").map(
      String.init)
    func line(_ path: String) -> [Substring] { lines.first { $0.hasPrefix(path + " ") }?.split(separator: " ") ?? [] }
    #expect(line("conv.weight").joined(separator: " ") == "conv.weight Conv2D [3, 3, 1, 4] float32 36")
    #expect(line("blocks.1.weight").joined(separator: " ") == "blocks.1.weight Dense [3, 2] float32 6")
    #expect(line("batchNorm.mean").joined(separator: " ") == "batchNorm.mean BatchNorm [4] float32 4 (statistic)")
    #expect(lines.last == "89 parameters, 8 statistics, 388 bytes")
  }

  @Test func savesAndLoads() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      let images = sample([2, 5, 5, 2])
      let model = try Everything().initialized(for: images, seed: 9)
      try model.save(to: path)
      let restored = try Everything().loading(path)
      #expect(try restored(images).scalars() == model(images).scalars())
      #expect(try namedTensors(of: restored).count == namedTensors(of: model).count)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.safetensors"])
      // Into a bound model as well.
      #expect(try Everything().initialized(for: images).loading(path)(images).scalars() == model(images).scalars())
    }
  }

  @Test func loadingNamesWhatDoesNotFit() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.safetensors"
      let model = try Dense(units: 2).initialized(for: Tensor(zeros: [1, 3]))
      #expect(fault { try Dense(units: 2).save(to: path) }.contains("weight: has no values yet"))
      try model.save(to: path)
      #expect(
        fault { _ = try Dense(units: 2, bias: false).loading(path) }
          == "\(path): has the tensor bias, which the model lacks")
      #expect(
        fault { _ = try Everything().loading(path) }.hasPrefix("\(path): lacks the tensors "))
      #expect(
        fault { _ = try Dense(units: 2).initialized(for: Tensor(zeros: [1, 4])).loading(path) }
          == "\(path): the tensor weight has the shape [3, 2], the model's has [4, 2]")
      #expect(
        fault { _ = try Dense(units: 2).initialized(for: sample([1, 3])).loading(path) }.contains("elements of float32")
      )
      // An unbound layer learns its input's size from the file, but not its own.
      #expect(
        fault(of: try Dense(units: 5).loading(path)(Tensor(zeros: [1, 3]))).contains("weight has the shape [3, 2]"))
      // A tensor of a type that does not exist here is named, with the type.
      let header =
        #"{"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""weight":{"dtype":"F8_E4M3","shape":[3,2],"data_offsets":[8,14]}}"#
      let bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
      let foreign = folder + "/foreign.safetensors"
      try (bytes + Data(count: 14)).write(to: URL(fileURLWithPath: foreign))
      #expect(
        fault { _ = try model.loading(foreign) }
          == "\(foreign): the tensor weight has the dtype F8_E4M3, which is not known here")
      #expect(fault { _ = try model.loading(folder + "/none") } == "\(folder)/none: no such file or directory")
    }
  }
}
