import DescentTensors

/// What users are told by functions of tensors.
extension MistakeTests {
  func elementwise(_ told: MistakeListener) {
    told({ vector + Tensor([1, 2]) }, "+: shapes [3] and [2] do not fit: sizes must be equal or 1")
    told({ vector - matrix.transposed() }, "-: shapes [3] and [3, 2] do not fit: sizes must be equal or 1")
    told(
      { vector * Tensor(zeros: [4, 1, 2]) }, "*: shapes [3] and [4, 1, 2] do not fit: sizes must be equal or 1")
    told({ vector / Tensor(zeros: [0]) }, "/: shapes [3] and [0] do not fit: sizes must be equal or 1")
    told({ vector + whole }, "+: element types differ: float32 and int32; convert one of them with converted(to:)")
    told({ whole * 0.5 }, "*: 0.5 is not representable as int32; convert the tensor with converted(to:)")
    told({ whole .< 2.5 }, ".<: 2.5 is not representable as int32; convert the tensor with converted(to:)")
    told(
      { 300 - whole.converted(to: .uint8) },
      "-: 300.0 is not representable as uint8; convert the tensor with converted(to:)")
    told(
      { `where`(truths, 2, truths) }, "where: 2.0 is not representable as bool; convert the tensor with converted(to:)")
    told({ pow(whole, whole) }, "pow: takes floating-point numbers, not int32")
    told({ maximum(truths, truths) }, "maximum: takes numbers, not bool")
    told({ exp(whole) }, "exp: takes floating-point numbers, not int32")
    told({ -truths }, "-: takes numbers, not bool")
    told({ .!vector }, ".!: takes integers or booleans, not float32")
    told(
      { truths .& vector.sliced(0..<2) },
      ".&: element types differ: bool and float32; convert one of them with converted(to:)")
    told({ vector .< matrix.transposed() }, ".<: shapes [3] and [3, 2] do not fit: sizes must be equal or 1")
    told({ isFinite(whole) }, "isFinite: takes floating-point numbers, not int32")
    told({ `where`(vector, vector, vector) }, "where: the condition is float32, not bool")
    told(
      { `where`(truths, vector, vector) },
      "where: shapes [2], [3] and [3] do not fit: sizes must be equal or 1")
  }

  func creation(_ told: MistakeListener) {
    told({ Tensor([[1, 2], [3]]) }, "Tensor: rows differ in length: 2 and 1")
    told({ Tensor([1, 2, 3], shape: [2, 2]) }, "Tensor: 3 values do not fill the shape [2, 2]")
    told({ Tensor(integers: [1, 2], shape: [3]) }, "Tensor: 2 values do not fill the shape [3]")
    told({ Tensor(floats: [1, 2], shape: [-2]) }, "Tensor: 2 values do not fill the shape [-2]")
    told({ Tensor(bytes: [1], shape: []).reshaped([2]) }, "reshaped: [] has 1 elements, [2] would have 2")
    told({ Tensor(zeros: [-1]) }, "Tensor: the shape [-1] has a negative size")
    told(
      { Tensor(ones: [.max, 2]) },
      "Tensor: the shape [9223372036854775807, 2] has more elements than can be addressed")
    told(
      { Tensor(zeros: [0, 1 << 30, 1 << 30]) },
      "Tensor: the shape [0, 1073741824, 1073741824] has more elements than can be addressed")
    told({ Tensor(rangeTo: -3) }, "Tensor: the shape [-3] has a negative size")
    told({ Tensor(identity: -2) }, "Tensor: the shape [-2, -2] has a negative size")
    told({ Tensor(rangeFrom: 0, through: 1, count: -1) }, "Tensor: the shape [-1] has a negative size")
    told({ Tensor(rangeFrom: 0, to: 1, by: 0) }, "Tensor: no numbers lead from 0.0 to 1.0 by steps of 0.0")
    told(
      { Tensor(rangeFrom: 0, to: 1e300, by: 1) },
      "Tensor: from 0.0 to 1e+300 by steps of 1.0 are more numbers than can be addressed")
    told({ Tensor(rangeFrom: 0, to: .infinity, by: 1) }, "Tensor: no numbers lead from 0.0 to inf by steps of 1.0")
    told({ Tensor(zerosLike: Tensor([1, 2], shape: [3])) }, "Tensor: 2 values do not fill the shape [3]")
  }

  func shapes(_ told: MistakeListener) {
    told({ matrix.reshaped([4]) }, "reshaped: [2, 3] has 6 elements, [4] would have 4")
    told({ matrix.reshaped([-1, 4]) }, "reshaped: [2, 3] has 6 elements, which do not fill [-1, 4]")
    told({ matrix.reshaped([-1, -1]) }, "reshaped: [2, 3] has 6 elements, which do not fill [-1, -1]")
    told({ matrix.flattened(keeping: 3) }, "flattened: [2, 3] does not have 3 axes to keep")
    told({ matrix.transposed([0]) }, "transposed: [0] is not an order of the 2 axes of [2, 3]")
    told({ matrix.expanded(axis: 4) }, "expanded: [2, 3] has no place 4 for an axis")
    told({ matrix.sliced(1..<4, axis: 1) }, "sliced: 1..<4 by 1 does not fit axis 1 of [2, 3]")
    told({ matrix.sliced(0..<1, axis: 2) }, "sliced: axis 2 does not exist in shape [2, 3]")
    told({ matrix.sliced(0..<1, axis: -3) }, "sliced: axis -3 does not exist in shape [2, 3]")
    told({ matrix.reversed(axes: [5]) }, "reversed: axis 5 does not exist in shape [2, 3]")
    told({ matrix.padded(low: [1], high: [1]) }, "padded: the amounts do not fit the 2 axes of [2, 3]")
    told({ vector.broadcast(to: [2]) }, "broadcast: [3] cannot be repeated to [2]")
    told({ vector.oneHot(count: 3) }, "oneHot: takes integers, not float32")
    told({ whole.oneHot(count: -1) }, "oneHot: the count -1 is negative")
    told({ concatenated([]) }, "concatenated: needs at least one tensor")
    told({ concatenated([vector, vector], axis: 1) }, "concatenated: axis 1 does not exist in shape [3]")
    told({ concatenated([matrix, vector]) }, "concatenated: float32[2, 3] and float32[3] do not fit along axis 0")
    told(
      { stacked([vector, Tensor([1, 2])]) }, "stacked: float32[1, 3] and float32[1, 2] do not fit along axis 0")
  }

  func reductions(_ told: MistakeListener) {
    told({ matrix.sum(axes: [2]) }, "sum: axis 2 does not exist in shape [2, 3]")
    told({ matrix.sum(axes: [0, -2]) }, "sum: axis 0 is named twice")
    told({ truths.sum() }, "sum: takes numbers, not bool; convert with converted(to:)")
    told({ whole.mean() }, "mean: takes floating-point numbers, not int32; convert with converted(to:)")
    told({ vector.all() }, "all: takes booleans, not float32")
    told({ truths.differences(order: 2) }, "differences: takes numbers, not bool")
    told({ matrix.max(axes: [7]) }, "max: axis 7 does not exist in shape [2, 3]")
    told({ matrix.argMax(axis: 2) }, "argMax: axis 2 does not exist in shape [2, 3]")
    told({ Tensor(zeros: [2, 0]).argMin() }, "argMin: axis 1 of [2, 0] is empty, so nothing is smallest")
    told({ Tensor(zeros: [0]).median() }, "median: [0] has no elements along axes [0]")
    told({ softmax(Tensor(1.0)) }, "softmax: axis -1 does not exist in shape []")
    told({ logSumExp(vector, axis: 1) }, "logSumExp: axis 1 does not exist in shape [3]")
  }

  func functions(_ told: MistakeListener) {
    told({ asinh(whole) }, "asinh: takes floating-point numbers, not int32; convert with converted(to:)")
    told({ log2(truths) }, "log2: takes floating-point numbers, not bool; convert with converted(to:)")
    told({ lgamma(whole) }, "lgamma: takes floating-point numbers, not int32")
    told({ popcount(vector) }, "popcount: takes integers, not float32")
    told({ vector .^ vector }, ".^: takes integers or booleans, not float32")
    told(
      { vector << whole }, "<<: element types differ: float32 and int32; convert one of them with converted(to:)"
    )
    told({ vector >> 2 }, ">>: takes integers, not float32")
    told({ whole << -1 }, "<<: cannot shift by -1 places; shift the other way")
    told({ polygamma(-1, vector) }, "polygamma: supports the orders 1 to 170, not -1")
    told(
      { pow(whole, -1) },
      "pow: a negative power (-1) of int32 is not a whole number; convert with converted(to:)")
    told({ atan2(vector, Tensor([1, 2])) }, "atan2: shapes [3] and [2] do not fit: sizes must be equal or 1")
    told({ hypot(vector, Tensor([1, 2])) }, "hypot: shapes [3] and [2] do not fit: sizes must be equal or 1")
    told(
      { logAddExp(vector, whole) },
      "logAddExp: element types differ: float32 and int32; convert one of them with converted(to:)")
    told({ remainder(truths, truths) }, "remainder: takes numbers, not bool; convert with converted(to:)")
    told({ vector.clamped(matrix, matrix) }, "clamped: [2, 3] cannot be repeated to [3]")
    told({ vector.bitcast(to: .int8) }, "bitcast: float32 has 4 bytes, int8 has 1; the sizes must be equal")
    told(
      { vector.padded(low: [.max], high: [1], mode: .circular) },
      "padded: axis 0 of [3] is too short to be padded by 9223372036854775807 and 1: circular")
    told(
      { Tensor(zeros: [1, 2, 1]).resized([.max]) },
      "resized: the shape [9223372036854775807] has more elements than can be addressed")
    told(
      { fftFrequencies(.max) },
      "fftFrequencies: the shape [9223372036854775807] has more elements than can be addressed")
    told({ whole.binCount(.max) }, "binCount: the count 9223372036854775807 is too large for int32 positions")
    told({ glu(vector) }, "glu: axis 0 of [3] has 3 elements, not an even number")
    told({ glu(vector, axis: 4) }, "glu: axis 4 does not exist in shape [3]")
    told({ vector.cumulativeSum(axis: 1) }, "cumulativeSum: axis 1 does not exist in shape [3]")
    told(
      { truths.cumulativeMax() }, "cumulativeMax: takes numbers, not bool; convert with converted(to:)")
    told({ vector.norm(.nan) }, "norm: the order is not a number")
    told({ vector.norm(axes: [1]) }, "norm: axis 1 does not exist in shape [3]")
    told({ truths.product() }, "product: takes numbers, not bool; convert with converted(to:)")
    told({ covariance(Tensor(1.0)) }, "covariance: takes [observations] or [variables, observations], not []")
    told({ correlation(vector, matrix) }, "correlation: takes two vectors of one length, not [3] and [2, 3]")
    told({ whole.variance() }, "variance: takes floating-point numbers, not int32; convert with converted(to:)")
  }

  func products(_ told: MistakeListener) {
    told({ matmul(Tensor(1.0), vector) }, "matmul: takes tensors with at least one axis, not [] · [3]")
    told({ matmul(vector, matrix) }, "matmul: inner sizes differ: [3] · [2, 3] (3 ≠ 2)")
    told(
      { matmul(Tensor(zeros: [2, 2, 3]), Tensor(zeros: [3, 3, 2])) },
      "matmul: batch axes do not fit: [2, 2, 3] · [3, 3, 2]")
    told(
      { matmul(vector, whole) },
      "matmul: element types differ: float32 and int32; convert one with converted(to:)")
  }

  func images(_ told: MistakeListener) {
    let images = Tensor(zeros: [1, 8, 8, 3])
    told(
      { convolution(images, Tensor(zeros: [3, 3, 4, 2])) },
      "convolution: the input [1, 8, 8, 3] has 3 channels, the weights [3, 3, 4, 2] take 4")
    told(
      { convolution(images, Tensor(zeros: [9, 9, 3, 2])) },
      "convolution: a window of 9 does not fit into 8 elements, padding included, of spatial axis 0")
    told(
      { convolution(vector, matrix) },
      "convolution: takes an input [batch, spatial…, channels] and weights [spatial…, channels, filters], not [3] and [2, 3]"
    )
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), strides: [1, 2, 3]) },
      "convolution: takes a number for each of 2 spatial axes, not window: [3, 3], strides: [1, 2, 3]")
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), strides: [0]) },
      "convolution: window, stride and dilation must be positive and padding not negative: window: [3, 3], strides: [0, 0]"
    )
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), padding: .same, dilation: [.max]) },
      "convolution: the window or its padding is too large: window: [3, 3], dilation: [9223372036854775807, "
        + "9223372036854775807]")
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), groups: 2) },
      "convolution: 3 input and 2 output channels do not divide into 2 groups")
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), padding: .sides(low: [1, 0, 0], high: [1])) },
      "convolution: takes a number for each of 2 spatial axes, not window: [3, 3], padding: [1, 0, 0]…[1, 1]")
    told(
      { convolution(images, Tensor(zeros: [3, 3, 3, 2]), padding: .sides(low: [-1], high: [0])) },
      "convolution: window, stride and dilation must be positive and padding not negative: window: [3, 3],"
        + " padding: [-1, -1]…[0, 0]")
    told(
      { convolution(Tensor(zeros: [1, 8, 3]), Tensor(zeros: [3, 3, 3, 2])) },
      "convolution: takes an input [batch, spatial…, channels] and weights [spatial…, channels, filters], not [1, 8, 3]"
        + " and [3, 3, 3, 2]")
    told(
      { convolution(Tensor(zeros: [1, 4, 8, 8, 3]), Tensor(zeros: [5, 3, 3, 3, 2])) },
      "convolution: a window of 5 does not fit into 4 elements, padding included, of spatial axis 0")
    told(
      { maxPool(images, size: 9) },
      "maxPool: a window of 9 does not fit into 8 elements, padding included, of spatial axis 0")
    told({ maxPool(vector, size: 2) }, "maxPool: takes images [batch, height, width, channels], not [3]")
    told({ averagePool(images, size: 0) }, "averagePool: sizes, strides and dilation must be positive, not [0], [0]")
    told(
      { averagePool(images, size: 2, strides: -1) },
      "averagePool: sizes, strides and dilation must be positive, not [2], [-1]"
    )
    told(
      { maxPool(images, size: 2, padding: .each(2)) },
      "maxPool: padding must be smaller than the window: window: [2, 2], strides: [2, 2], padding: [2, 2]…[2, 2]"
    )
    told(
      { averagePool(images, size: .max) },
      "averagePool: a window of 9223372036854775807 does not fit into 8 elements, padding included, of spatial axis 0")
    told(
      { averagePool(images, size: 1, padding: .each(1 << 40)) },
      "averagePool: the shape [1, 2199023255560, 2199023255560, 3] has more elements than can be addressed")
  }

  func keys(_ told: MistakeListener) {
    told({ RandomKey(seed: 1).uniform([-2]) }, "uniform: the shape [-2] has a negative size")
    told({ RandomKey(words: vector).normal([2]) }, "normal: the key is float32[3], not uint32[2]")
  }
}
