import Descent

/// A captioning network that says sentences word by word, as a language model whose state holds what was seen in a picture.
struct CaptionSpeaker: LanguageModel {
  /// What was seen, and what was said of it so far.
  struct State: Codable, Sendable {
    var view: PictureView
    /// The keys and values of the places for the blocks of a transformer.
    var memories: [AttentionMemory]
    var said: SentenceState
  }

  var network: CaptionNetwork

  var vocabularySize: Int { network.settings.words }
  var context: Int? { network.settings.length }

  /// The logits of what follows words `[batch, length]` about a black picture: a language model by itself sees nothing.
  func callAsFunction(_ words: Tensor) -> Tensor {
    guard words.error == nil, let batch = words.shape.first, words.rank == 2 else {
      return Tensor(
        error: words.error ?? TensorError("CaptionSpeaker", "takes words [batch, length], found \(words.shape)"))
    }
    return network(CaptionQuestion(pictures: blackPictures(batch), words: words))
  }

  func initialState(batch: Int, _ elementType: ElementType) throws -> State {
    beginning(blackPictures(batch).converted(to: elementType))
  }

  /// The state before the first word about pictures `[batch, height, width, 3]`.
  func beginning(_ pictures: Tensor) -> State {
    let view = network.eye(pictures)
    return State(view: view, memories: network.decoder.memories(view), said: network.decoder.beginning(view))
  }

  func logits(_ words: Tensor, from state: State) throws -> (logits: Tensor, state: State) {
    var next = state
    let (outputs, said) = network.decoder.step(
      network.words(words), from: state.said, seeing: state.view, state.memories)
    next.said = said
    return (network.said(outputs, seeing: state.view).logits + Self.sayable(vocabularySize), next)
  }

  private func blackPictures(_ count: Int) -> Tensor {
    Tensor(zeros: [count, network.settings.side, network.settings.side, 3])
  }

  /// What is added to logits so that no mark but that of the end is said.
  private static func sayable(_ count: Int) -> Tensor {
    let silent = [CaptionVocabulary.padding, CaptionVocabulary.begin, CaptionVocabulary.unknown]
    return Tensor(floats: (0..<count).map { silent.contains($0) ? -.infinity : 0 }, shape: [count])
  }
}
