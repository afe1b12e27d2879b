import DescentFiles
import DescentGraph
import DescentTensors
import DescentText
import Foundation
import TestSupport
import Testing

/// What a folder that is no pretrained model, or a damaged one, is told.
@Suite struct PretrainedFaultTests {
  /// What reading a folder says, without the folder's path.
  private func fault(
    _ title: String, _ change: (inout [String: Tensor]) -> Void = { _ in }, configuration: ((String) -> String)? = nil
  ) throws -> String {
    let stored = try PretrainedCase.named(title)
    var text = ""
    try withTemporaryFolder { folder in
      try stored.write(to: folder, configuration: configuration?(stored.configuration), changing: change)
      text = TestSupport.fault { _ = try TransformerModel(pretrained: folder) }
        .replacingOccurrences(of: folder + "/", with: "")
      #expect(!text.contains("\n"))
    }
    return text
  }

  @Test func missingTensorsAreNamed() throws {
    let text = try fault("llama") { $0["model.layers.1.mlp.up_proj.weight"] = nil }
    #expect(
      text == "model.safetensors: lacks the tensor model.layers.1.mlp.up_proj.weight, which its configuration asks for")
  }

  @Test func surplusTensorsAreNamed() throws {
    let text = try fault("llama") { tensors in
      tensors["model.layers.2.mlp.up_proj.weight"] = tensors["model.layers.1.mlp.up_proj.weight"]
      tensors["model.layers.0.self_attn.q_proj.bias"] = Tensor(zeros: [16])
      tensors["model.norm.weight"] = nil
    }
    #expect(
      text == "model.safetensors: lacks the tensor model.norm.weight, which its configuration asks for; has the tensors"
        + " model.layers.0.self_attn.q_proj.bias, model.layers.2.mlp.up_proj.weight, which its configuration does not ask"
        + " for")
  }

  @Test func shapesThatDifferAreBothTold() throws {
    let linear = try fault("llama") { $0["model.layers.0.mlp.down_proj.weight"] = Tensor(zeros: [20, 16]) }
    #expect(
      linear
        == "model.safetensors: the tensor model.layers.0.mlp.down_proj.weight has the shape [20, 16], its configuration"
        + " asks for [16, 20]")
    let joined = try fault("gpt2") { $0["transformer.h.0.attn.c_attn.weight"] = Tensor(zeros: [36, 12]) }
    #expect(joined.contains("c_attn.weight has the shape [36, 12], its configuration asks for [12, 36]"))
    let changed = try fault(
      "llama",
      configuration: {
        $0.replacingOccurrences(of: #""vocab_size": 23"#, with: #""vocab_size": 24"#)
      })
    #expect(changed.contains("has the shape [23, 16], its configuration asks for [24, 16]"))
  }

  @Test func quantizedWeightsAreRefused() throws {
    let text = try fault("llama") { $0["lm_head.weight"] = Tensor(zeros: [23, 16], .int8) }
    #expect(text.contains("the tensor lm_head.weight has elements of int8"))
    #expect(text.contains("quantized"))
  }

  @Test func otherArchitecturesAreRefused() throws {
    let text = try fault(
      "llama",
      configuration: {
        $0.replacingOccurrences(of: #""model_type": "llama""#, with: #""model_type": "gemma2""#)
      })
    #expect(
      text
        == "config.json: has the model_type gemma2, TransformerModel reads gpt2, llama, mistral, qwen2; those that can be"
        + " read are bert, gpt2, llama, mistral, qwen2")
    try withTemporaryFolder { folder in
      try PretrainedCase.named("gpt2").write(to: folder)
      let text = TestSupport.fault { _ = try BERT(pretrained: folder) }
      #expect(
        text
          == "\(folder)/config.json: has the model_type gpt2, BERT reads bert; TransformerModel(pretrained:) reads it")
    }
  }

  @Test(arguments: [
    (#""hidden_act": "silu""#, #""hidden_act": "xielu""#, "its hidden_act is xielu, which is not known here"),
    (#""rope_type": "default""#, #""rope_type": "dynamic""#, "rotary positions of the type dynamic"),
    (
      #""rope_type": "default""#, #""rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1"#,
      "asks for a model that cannot be"
    ),
    (#""rope_type": "default""#, #""rope_type": "yarn""#, "has no rope_parameters.factor"),
    (#""num_hidden_layers": 2, "#, "", "has no num_hidden_layers"),
    (
      #""num_hidden_layers": 2"#, #""num_hidden_layers": "two""#,
      "its num_hidden_layers is not a whole number from 1 to 4096"
    ),
    (#""num_hidden_layers": 2"#, #""num_hidden_layers": 1000000"#, "is not a whole number from 1 to 4096"),
    (#""hidden_size": 16"#, #""hidden_size": -16"#, "its hidden_size is not a whole number from 1 to"),
    (#""num_key_value_heads": 2"#, #""num_key_value_heads": 3"#, "4 heads cannot share 3"),
    (#""rms_norm_eps""#, #""rms_norm_eps": "small", "x""#, "its rms_norm_eps is not a number"),
    (#""tie_word_embeddings": false"#, #""tie_word_embeddings": 1"#, "its tie_word_embeddings is not true or false"),
    (#""vocab_size": 23}"#, #""vocab_size": 23"#, "is not valid JSON"),
    (#""model_type": "llama", "#, "", "has no model_type"),
    (#""model_type": "llama""#, #""model_type": 7"#, "its model_type is not a text"),
  ])
  func settingsThatMakeNoSenseAreNamed(_ old: String, _ new: String, _ wanted: String) throws {
    let stored = try PretrainedCase.named("llama")
    try #require(stored.configuration.contains(old))
    let text = try fault("llama", configuration: { $0.replacingOccurrences(of: old, with: new) })
    #expect(text.hasPrefix("config.json: ") && text.contains(wanted), "\(text)")
  }

  @Test func whatIsNoFolderOfAModelIsSaid() throws {
    try withTemporaryFolder { folder in
      func fault(_ path: String) -> String {
        TestSupport.fault { _ = try TransformerModel(pretrained: path) }.replacingOccurrences(of: folder, with: "F")
      }
      #expect(
        fault(folder + "/none").hasPrefix("F/none: does not exist; a pretrained model is a folder with config.json"))
      #expect(fault(folder).hasPrefix("F: has no config.json") && fault(folder).hasSuffix("found nothing"))
      let stored = try PretrainedCase.named("llama")
      try stored.write(to: folder)
      #expect(fault(folder + "/config.json").hasPrefix("F/config.json: is a file"))
      let integers = TestSupport.fault { _ = try TransformerModel(pretrained: folder, elementType: .int32) }
      #expect(integers.contains("int32"))
      try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
      #expect(fault(folder).hasPrefix("F: has no weights: neither model.safetensors nor model.safetensors.index.json"))
      try Data().write(to: URL(fileURLWithPath: folder + "/pytorch_model.bin"))
      #expect(fault(folder).contains("pytorch_model.bin is a pickled file"))
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
      #expect(fault(folder).contains("F/model.safetensors: is cut short"))
      try FileManager.default.removeItem(atPath: folder + "/config.json")
      #expect(fault(folder).hasSuffix("found model.safetensors, pytorch_model.bin"))
    }
  }
}
