import Descent
import DescentFiles
import Foundation
import TestSupport
import Testing

@testable import DescentCaptions

/// Training in a directory, from which a captioner is read again and which a training that was interrupted goes on in.
@Suite struct CaptionRunTests {
  @Test(arguments: CaptionSettings.Decoder.allCases)
  func aTrainedCaptionerIsReadAgain(_ decoder: CaptionSettings.Decoder) throws {
    try withTemporaryFolder { folder in
      var recipe = tinyRecipe
      recipe.decoder = decoder
      let trained = try Captioner.train(on: .scenes, recipe: recipe, keepingIn: folder + "/run")
      let read = try CaptionRun(folder + "/run").captioner()
      #expect(read.vocabulary == trained.vocabulary)
      #expect(read.network.settings == trained.network.settings)
      let pictures = samplePictures(3, side: 12)
      #expect(try read.describe(pictures) == trained.describe(pictures))
      let (subject, kept) = try CaptionRun(folder + "/run").recipe()
      #expect(subject == .scenes)
      #expect(kept == recipe)
    }
  }

  @Test func anInterruptedTrainingGoesOnWithTheSameBits() throws {
    try withTemporaryFolder { folder in
      func weights(_ run: String) throws -> Data { try bytes(of: "\(folder)/\(run)/captioner.safetensors") }
      let whole = try Captioner.train(on: .scenes, recipe: tinyRecipe, keepingIn: folder + "/whole")
      try Captioner.train(
        on: .scenes, recipe: tinyRecipe, keepingIn: folder + "/parts",
        callbacks: [.each { event in if case .epoch = event { false } else { true } }])
      #expect(try weights("parts") != weights("whole"))
      let resumed = try Captioner.train(on: .scenes, recipe: tinyRecipe, keepingIn: folder + "/parts", resuming: true)
      #expect(try weights("parts") == weights("whole"))
      let pictures = samplePictures(2, side: 12)
      #expect(try resumed.describe(pictures) == whole.describe(pictures))
      let occupied = fault { try Captioner.train(on: .scenes, recipe: tinyRecipe, keepingIn: folder + "/parts") }
      #expect(occupied.contains("holds a run of CaptionNetwork already (finished)"), "\(occupied)")
      var other = tinyRecipe
      other.learningRate = 1
      let differing = fault {
        try Captioner.train(on: .scenes, recipe: other, keepingIn: folder + "/parts", resuming: true)
      }
      #expect(
        differing == "\(folder)/parts: holds another captioner: it differs in recipe; go on with the same options")
    }
  }

  @Test func directoriesThatHoldNoCaptionerAreNamed() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      func found() -> String {
        fault { _ = try CaptionRun(run).captioner() }.replacingOccurrences(of: run, with: "run")
      }
      #expect(found() == "run: no such directory")
      // The run of another model.
      let trainer = try Trainer(
        Dense(units: 1), loss: meanSquaredError, optimizer: SGD(learningRate: 0.1))
      let examples = try Examples(inputs: Tensor(zeros: [4, 2]), targets: Tensor(zeros: [4, 1]))
      try trainer.fit(examples.batched(4), epochs: 1, callbacks: [.run(run)])
      #expect(found() == "run: holds a run of Dense, not a captioner that 'descent caption train' wrote")
      try FileManager.default.removeItem(atPath: run)
      try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
      #expect(found() == "run: holds no run, not a captioner that 'descent caption train' wrote")
      try Captioner.train(on: .scenes, recipe: tinyRecipe, keepingIn: folder + "/good")
      func damaged(_ change: (String) throws -> Void) throws -> String {
        try? FileManager.default.removeItem(atPath: run)
        try FileManager.default.copyItem(atPath: folder + "/good", toPath: run)
        try change(run)
        return found()
      }
      func text(_ file: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
      #expect(try damaged { _ in } == "no error")
      #expect(
        try damaged { unlink($0 + "/vocabulary.txt") }
          == "run/vocabulary.txt: is missing; without its vocabulary a captioner has no words")
      #expect(
        try damaged { try text($0 + "/vocabulary.txt", "a\nb\n") }
          == "run/vocabulary.txt: is not a vocabulary that 'descent caption train' wrote")
      #expect(
        try damaged { try text($0 + "/vocabulary.txt", CaptionVocabulary.marks.joined(separator: "\n")) }
          .hasPrefix("run/vocabulary.txt: has 4 words, where the captioner beside it was made for "))
      #expect(
        try damaged { try text($0 + "/captioner.json", "{}") }
          == "run/captioner.json: is not what 'descent caption train' writes there")
      #expect(
        try damaged { unlink($0 + "/captioner.safetensors") }
          == "run: has no weights yet: no epoch of its training has ended")
      let other = try damaged {
        try Dense(units: 2).initialized(for: Tensor(zeros: [1, 2])).save(to: $0 + "/captioner.safetensors")
      }
      #expect(other.hasPrefix("run/captioner.safetensors: lacks the tensors "), "\(other)")
      let broken = try damaged { run in
        var (tensors, metadata) = try Safetensors.read(run + "/captioner.safetensors")
        tensors["output.bias"] = tensors["output.bias"].map { $0 * .nan }
        try Safetensors.write(tensors, metadata: metadata, to: run + "/captioner.safetensors")
      }
      #expect(broken == "run/captioner.safetensors: the tensor output.bias holds NaN or infinity")
      let wider = try damaged { run in
        let path = run + "/captioner.json"
        let before = String(decoding: try bytes(of: path), as: UTF8.self)
        try text(path, before.replacingOccurrences(of: "\"width\" : 8", with: "\"width\" : 16"))
      }
      #expect(wider.hasPrefix("run/captioner.safetensors: its tensors do not fit together: "), "\(wider)")
    }
  }

  @Test func recipesThatMakeNoSenseAreNamed() {
    func fault(_ change: (inout CaptionRecipe) -> Void) -> String? {
      var recipe = CaptionRecipe.scenes
      change(&recipe)
      return recipe.fault
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0 = $0.shortened } == nil)
    #expect(fault { $0 = .pictures } == nil)
    #expect(fault { $0.epochs = 0 } == "0 epochs, outside 1...1,000,000")
    #expect(fault { $0.batchSize = 0 } == "0 pictures in a step, outside 1...65,536")
    #expect(fault { $0.learningRate = .nan } == "a learning rate of nan")
    #expect(fault { $0.weightDecay = -1 } == "a weight decay of -1.0")
    #expect(fault { $0.wordDropout = 1 } == "a share of 1.0 hidden words, outside 0..<1")
    #expect(fault { $0.scenesPerEpoch = -1 } == "-1 scenes, outside 0...1,000,000")
    #expect(fault { $0.width = 0 } == "a width of 0, outside 1...4096")
  }
}
