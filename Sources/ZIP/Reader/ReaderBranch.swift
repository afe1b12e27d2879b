import Descent

/// A way from the pixels of a line to the symbols along it, without cutting the line into digits.
///
/// `[batch, 32, width, 1]` becomes logits `[batch, width / 4, 12]`. Convolutions look at ever larger parts of the line,
/// strides and pooling halve its height more often than its width, and the last layers name a symbol, or none, for every
/// fourth column.
struct ReaderBranch: Layer {
  /// A convolution, normalized, of which the positive part goes on.
  struct Block: Layer {
    var convolution: Conv2D
    var normalization = BatchNorm(momentum: 0.95)

    init(filters: Int, size: Int, strides: Int = 1) {
      convolution = Conv2D(
        filters: filters, size: size, strides: strides, padding: .same, bias: false, initializer: .heNormal)
    }

    func callAsFunction(_ input: Tensor) -> Tensor { relu(normalization(convolution(input))) }
  }

  var edges: Block
  var strokes: Block
  var parts: Block
  var shapes: Block
  var columns: Conv2D
  var columnNormalization = BatchNorm(momentum: 0.95)
  var dropout: Dropout
  var symbols = Dense(units: Symbol.classCount)

  /// A branch of the given width: the number of filters of the first layer; later ones have more.
  init(filters: Int, dropout: Double) {
    // Strokes are three pixels wide and more: the first layer need not look from every pixel.
    edges = Block(filters: filters, size: 5, strides: 2)
    strokes = Block(filters: 2 * filters, size: 3)
    parts = Block(filters: 4 * filters, size: 3)
    shapes = Block(filters: 4 * filters, size: 3)
    // A column of its whole height, with two neighbors on each side.
    columns = Conv2D(
      Filters(
        8 * filters, sizes: [LineImage.height / 8, 5], padding: .sides(low: [0, 2], high: [0, 2]),
        initializer: .heNormal),
      bias: false)
    self.dropout = Dropout(rate: dropout)
  }

  func callAsFunction(_ lines: Tensor) -> Tensor {
    var x = maxPool(strokes(edges(lines)), size: 2)
    x = parts(x)
    x = dropout(maxPool(shapes(x), sizes: [2, 1]))
    x = dropout(relu(columnNormalization(columns(x).squeezed(axes: [1]))))
    return symbols(x)
  }
}
