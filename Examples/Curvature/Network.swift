import Descent

/// The network that all rules train: three convolutions and two dense layers, 20,794 parameters on MNIST.
struct Network: Layer {
  var conv1 = Conv2D(filters: 8, size: 5, strides: 2, padding: .same)
  var conv2 = Conv2D(filters: 16, size: 3, strides: 2, padding: .same)
  var conv3 = Conv2D(filters: 16, size: 3, strides: 2, padding: .same)
  var hidden = Dense(units: 64)
  var output = Dense(units: 10)

  func callAsFunction(_ images: Tensor) -> Tensor {
    let features = relu(conv3(relu(conv2(relu(conv1(images))))))
    return output(relu(hidden(features.flattened())))
  }
}
