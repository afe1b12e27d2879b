import Descent

/// The eye: convolutions from pixels to a vector for each of a number of places, and one for the whole picture.
struct PictureEncoder: Model {
  /// A convolution, normalized, of which the positive part goes on.
  struct Block: Layer {
    var convolution: Conv2D
    var normalization = BatchNorm()

    init(filters: Int, strides: Int) {
      convolution = Conv2D(
        filters: filters, size: 3, strides: strides, padding: .same, bias: false, initializer: .heNormal)
    }

    func callAsFunction(_ input: Tensor) -> Tensor { relu(normalization(convolution(input))) }
  }

  var blocks: [Block]
  var features: Dense
  var positions: LearnedPositions
  /// What an LSTM begins with; blocks of attention look at the places alone.
  var overview: Dense?
  /// The number of places along a side.
  let places: Int

  init(_ settings: CaptionSettings) {
    blocks = settings.filters.enumerated().flatMap { number, filters in
      number == 0
        ? [Block(filters: filters, strides: 1)]
        : [Block(filters: filters, strides: 2), Block(filters: filters, strides: 1)]
    }
    places = (1..<settings.filters.count).reduce(settings.side) { side, _ in (side + 1) / 2 }
    features = Dense(units: settings.width)
    positions = LearnedPositions(context: places * places, initializer: .normal(standardDeviation: 0.2))
    overview = settings.decoder == .lstm ? Dense(units: settings.width) : nil
  }

  /// What is to be seen in pictures `[batch, height, width, 3]`.
  func callAsFunction(_ pictures: Tensor) -> PictureView {
    // Around 0, where layers start.
    let x = blocks.reduce(2 * pictures - 1) { $1($0) }
    if x.error != nil { return PictureView(places: x, overview: overview.map { _ in x }) }
    let seen = positions(features(x.reshaped([x.shape[0], -1, x.shape[3]])))
    return PictureView(places: seen, overview: overview.map { relu($0(relu(seen))).mean(axes: [1]) })
  }
}

/// What a network sees in pictures.
struct PictureView: Codable, Sendable {
  /// A vector for each place, `[batch, places, width]`, row by row.
  var places: Tensor
  /// A vector for the whole, `[batch, width]`, where the decoder asks for one.
  var overview: Tensor?
}
