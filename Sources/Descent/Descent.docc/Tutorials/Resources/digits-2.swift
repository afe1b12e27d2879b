import Descent

let parts = try DigitImages.shipped().split(training: 0.8, calibration: 0, test: 0.2, seed: 1)
let training = try DigitExamples(parts.training)
let test = try DigitExamples(parts.test)
print("images", training.images.shape, "labels", training.labels.shape)
