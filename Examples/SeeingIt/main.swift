// Seeing back-propagation: what happens in a chain of two neurons, as a table and as a drawing.

import Descent

// o = g(f(x·w1)·w2)
let explained = try explain(["x": 0.5, "w1": 0.8, "w2": -1.2]) { k in
  sigmoid(sigmoid(k["x"] * k["w1"]) * k["w2"])
}
print(explained)  // each node: forward value, stored local derivative, back-propagated derivative

// A neuron with two ways out collects the sum of what comes back.
let twoWays = try explain(["x": 0.5, "w1": 0.8, "w2": -1.2, "w3": 0.3]) { k in
  let neuron = tanh(k["x"] * k["w1"])
  return sigmoid(neuron * k["w2"]) + neuron * k["w3"]
}
print("\n\(twoWays)")

do {
  try explained.write(to: "chain.svg")  // the graph, drawn left to right, with a 1 entering at the right
  try twoWays.write(to: "two-ways.svg")
  print("\ndrawn: chain.svg, two-ways.svg")
} catch let error as DrawingError { print("\nnot drawn: \(error)") }
