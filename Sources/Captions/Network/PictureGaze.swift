import Descent

/// The look at a picture: for what is to be said next the mean of its places, weighted by how much they have to do with it.
///
/// Source: Xu et al., "Show, attend and tell", 2015, with products in place of a small network.
struct PictureGaze: Model {
  var query: Dense
  var key: Dense
  var value: Dense

  init(width: Int) {
    query = Dense(units: width, bias: false)
    key = Dense(units: width, bias: false)
    value = Dense(units: width)
  }

  /// What is seen `[batch, length, width]`, and the weights of the places `[batch, length, places]`.
  func callAsFunction(_ states: Tensor, at places: Tensor) -> (seen: Tensor, weights: Tensor) {
    let weights = attentionWeights(query(states), key(places))
    return (matmul(weights, value(places)), weights)
  }
}
