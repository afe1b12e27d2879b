import DescentTensors

/// What users are told of windows that slide over tensors.
extension MistakeTests {
  func transposedConvolutions(_ told: MistakeListener) {
    let images = Tensor(zeros: [1, 4, 4, 6])
    let weights = Tensor(zeros: [3, 3, 2, 6])
    let name = "transposedConvolution"
    told(
      { transposedConvolution(vector, matrix) },
      "\(name): takes an input [batch, spatial…, channels] and weights [spatial…, filters, channels], not [3] and"
        + " [2, 3]")
    told(
      { transposedConvolution(images, Tensor(zeros: [3, 3, 6, 2])) },
      "\(name): the input [1, 4, 4, 6] has 6 channels, the weights [3, 3, 6, 2] take 2")
    told({ transposedConvolution(images, weights, groups: 4) }, "\(name): 6 channels do not divide into 4 groups")
    told({ transposedConvolution(images, weights, groups: 0) }, "\(name): 6 channels do not divide into 0 groups")
    told(
      { transposedConvolution(images, weights, strides: [0]) },
      "\(name): window, stride and dilation must be positive and padding not negative: window: [3, 3], strides: [0, 0]"
    )
    told(
      { transposedConvolution(images, weights, strides: [2], outputPadding: [2]) },
      "\(name): the output padding [2, 2] adds further windows: window: [3, 3], strides: [2, 2]; it must be smaller"
        + " than the strides")
    told(
      { transposedConvolution(images, weights, strides: [2], outputPadding: [-1]) },
      "\(name): window: [3, 3], strides: [2, 2], output padding: [-1, -1] leave nothing of [4, 4] elements")
    told(
      { transposedConvolution(images, weights, padding: .each(4)) },
      "\(name): window: [3, 3], padding: [4, 4]…[4, 4], output padding: [0, 0] leave nothing of [4, 4] elements")
    told(
      { transposedConvolution(images, weights, outputPadding: [1, 0, 0]) },
      "\(name): takes a number for each of 2 spatial axes, not window: [3, 3], output padding: [1, 0, 0]")
    told(
      { transposedConvolution(images, weights, strides: [.max, .max]) },
      "\(name): window: [3, 3], strides: [9223372036854775807, 9223372036854775807], output padding: [0, 0] leave"
        + " nothing of [4, 4] elements")
    told(
      { transposedConvolution(images, weights, strides: [1 << 40]) },
      "\(name): the shape [1, 3298534883331, 3298534883331, 2] has more elements than can be addressed"
    )
    told(
      { transposedConvolution(images, weights.converted(to: .float64)) },
      "\(name): takes floating-point numbers of one type, not float32 and float64")
  }
}
