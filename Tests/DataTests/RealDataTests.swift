import DescentData
import Testing

@Suite struct RealDataTests {
  @Test(hasZlib, .enabled(if: SharedData.has("mnist"), SharedData.hint)) func mnist() throws {
    let sets = try DigitImages.directory(SharedData.path("mnist"))
    #expect(sets.name == "MNIST")
    #expect(sets.training.count == 60_000 && sets.test.count == 10_000)
    #expect(sets.training.height == 28 && sets.training.width == 28)
    #expect(sets.training.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(sets.test.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
  }

  @Test(.enabled(if: SharedData.has("mnist"), SharedData.hint)) func theCatalogueKnowsTheFiles() throws {
    for file in RemoteDataset.mnist.files {
      #expect(try SHA256.hexadecimal(ofFile: SharedData.path("mnist/\(file.name)")) == file.sha256)
    }
    #expect(RemoteDataset.mnist.byteCount == 11_594_722)
    #expect(RemoteDataset.catalog.map(\.name) == ["mnist", "shakespeare"])
  }

  @Test(hasZlib, .enabled(if: SharedData.has("usps"), SharedData.hint)) func usps() throws {
    let sets = try DigitImages.directory(SharedData.path("usps"))
    #expect(sets.name == "USPS")
    #expect(sets.training.count == 7291 && sets.test.count == 2007)
    let zeros = (training: sets.training.labels.count { $0 == 0 }, test: sets.test.labels.count { $0 == 0 })
    #expect(zeros == (1194, 359))
  }

  @Test(.enabled(if: SharedData.has("optdigits"), SharedData.hint)) func optdigits() throws {
    let sets = try DigitImages.directory(SharedData.path("optdigits"))
    #expect(sets.name == "UCI optdigits")
    #expect(sets.training.count == 3823)
    #expect(try sets.test == DigitImages.shipped())
  }

  @Test(hasZlib, .enabled(if: SharedData.has("qmnist_writers"), SharedData.hint)) func qmnistLabels() throws {
    let labels = try IDX.read(SharedData.path("qmnist_writers/qmnist-train-labels-idx2-int.gz"))
    #expect(labels.elementType == .int32 && labels.shape == [60_000, 8])
    #expect(labels.elements(as: Int32.self)?.prefix(4) == [5, 4, 2154, 59])
    expectFault("a part of QMNIST") { try DigitImages.directory(SharedData.path("qmnist_writers")) }
  }
}
