import Descent

/// From pixels to words, in one piece: convolutions see, attention looks at places, and an LSTM or a transformer says what is
/// there. One gradient runs from the words back into the pixels.
///
/// ```swift
/// let logits = network(CaptionQuestion(pictures: pictures, words: words))
/// ```
public struct CaptionNetwork: Layer {
  var eye: PictureEncoder
  var words: Embedding
  var decoder: SentenceDecoder
  var gaze: PictureGaze
  var mixture: Dense
  var output: Dense
  /// How it is built.
  public let settings: CaptionSettings

  /// A network whose parameters have no values yet.
  public init(_ settings: CaptionSettings) {
    self.settings = settings
    eye = PictureEncoder(settings)
    words = Embedding(count: settings.words, size: settings.width)
    decoder = SentenceDecoder(settings)
    gaze = PictureGaze(width: settings.width)
    mixture = Dense(units: settings.width)
    output = Dense(units: settings.words)
  }

  /// The logits of the next word after each of the given ones, `[batch, length, words]`.
  public func callAsFunction(_ question: CaptionQuestion) -> Tensor {
    let view = eye(question.pictures)
    return said(decoder(words(question.words), seeing: view), seeing: view).logits
  }

  /// The loss of a batch: the mean over all words that are to be said of the negative logarithm of their probability.
  public func loss(_ batch: CaptionBatch) -> MeasuredLoss {
    let logits = self(CaptionQuestion(pictures: batch.pictures, words: batch.words))
    let loss = softmaxCrossEntropy(logits, batch.next, weights: batch.mask)
    return MeasuredLoss(loss, predictions: logits, targets: batch.next, weights: batch.mask)
  }

  /// Words from states `[batch, length, width]`, and where the network looks for them.
  func said(_ states: Tensor, seeing view: PictureView) -> (logits: Tensor, weights: Tensor) {
    let (seen, weights) = gaze(states, at: view.places)
    let mixed = tanh(mixture(concatenated([states, seen], axis: -1)))
    return (output(Dropout(rate: settings.dropout)(mixed)), weights)
  }
}

/// Pictures, and the words that are given of a sentence about each.
public struct CaptionQuestion: Codable, Sendable {
  /// The pictures `[batch, height, width, 3]`, from 0 for black to 1.
  public var pictures: Tensor
  /// The words `[batch, length]`, that of the beginning first.
  public var words: Tensor

  /// Pictures with words.
  public init(pictures: Tensor, words: Tensor) { (self.pictures, self.words) = (pictures, words) }
}
