import Descent

/// What has been said so far, as a decoder remembers it: along sentences `[batch, …]`.
struct SentenceState: Codable, Sendable {
  var memory: [LSTMCell.State] = []
  var caches: [AttentionCache] = []
}

/// The memory of what was said: from the vectors of words to what is to be said next, by an LSTM or by blocks of attention.
struct SentenceDecoder: Model {
  /// An LSTM, and what its states begin with.
  var recurrent: LSTM?
  var hidden: Dense?
  var cell: Dense?
  /// Blocks of attention to the words and to the picture.
  var blocks: [TransformerDecoderBlock]
  var normalization: LayerNorm?
  private let layers: Int
  private let width: Int
  private let length: Int

  init(_ settings: CaptionSettings) {
    (layers, width, length) = (settings.layers, settings.width, settings.length)
    guard settings.decoder == .transformer else {
      recurrent = LSTM(units: width, layers: layers, dropout: settings.dropout)
      (hidden, cell) = (Dense(units: layers * width), Dense(units: layers * width))
      blocks = []
      return
    }
    blocks = (0..<settings.layers).map { _ in
      TransformerDecoderBlock(
        attention: MultiHeadAttention(
          heads: settings.heads, isCausal: true, positions: .rotary(), dropout: settings.dropout),
        crossAttention: MultiHeadAttention(heads: settings.heads, dropout: settings.dropout),
        feedForward: FeedForward(units: 4 * settings.width, activation: .gelu, dropout: settings.dropout),
        dropout: settings.dropout)
    }
    normalization = LayerNorm()
  }

  /// What is to be said after each word of whole sentences: `[batch, length, width]` stays so.
  func callAsFunction(_ words: Tensor, seeing view: PictureView) -> Tensor {
    if let recurrent { return recurrent(Sequences(words), from: beginning(view).memory).outputs }
    let x = blocks.reduce(words) { $1($0, attendingTo: view.places) }
    return normalization?(x) ?? x
  }

  /// The state before the first word.
  func beginning(_ view: PictureView) -> SentenceState {
    guard let hidden, let cell, let overview = view.overview else {
      let batch = view.places.shape.first ?? 0
      return SentenceState(
        caches: blocks.map { $0.attention.cache(batch: batch, capacity: length, view.places.elementType) })
    }
    func parts(_ layer: Dense) -> [Tensor] {
      let all = tanh(layer(overview))
      return (0..<layers).map { all[0..., $0 * width..<($0 + 1) * width] }
    }
    return SentenceState(
      memory: zip(parts(hidden), parts(cell)).map { LSTMCell.State(hidden: $0, cell: $1) })
  }

  /// What is to be said after one further word, `[batch, 1, width]`, and what is remembered then.
  func step(
    _ word: Tensor, from state: SentenceState, seeing view: PictureView, _ memories: [AttentionMemory]
  ) -> (output: Tensor, state: SentenceState) {
    var state = state
    if let recurrent {
      let (output, last) = recurrent(Sequences(word), from: state.memory)
      state.memory = last
      return (output, state)
    }
    var x = word
    for (number, block) in blocks.enumerated() where number < state.caches.count && number < memories.count {
      (x, state.caches[number]) = block(x, attendingTo: memories[number], from: state.caches[number])
    }
    return (normalization?(x) ?? x, state)
  }

  /// The keys and values of the places for each block.
  func memories(_ view: PictureView) -> [AttentionMemory] { blocks.map { $0.memory(of: view.places) } }
}
