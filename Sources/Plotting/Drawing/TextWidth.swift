extension SVG {
  /// How wide a text is drawn at most: in DejaVu Sans, the widest of the fonts that readers may have.
  package static func width(of text: String, size: Double, isBold: Bool = false) -> Double {
    let shares = text.reduce(0) { sum, character in
      let share: Double =
        switch character {
        case "i", "j", "l", "'": 0.315
        case ".", ",", "·", " ", "|", "(", ")", "[", "]", "f", "t", "r", "-", "/", "I", "J": 0.45
        case "w", "=", "+", "<", ">", "^", "~", "−", "∞", "±": 0.84
        case "m", "M", "W", "…", "←", "◀", "@", "%": 1.005
        default: character.isUppercase ? 0.79 : 0.652
        }
      return sum + share
    }
    return shares * size * (isBold ? 1.1 : 1)
  }

  /// The beginning of a text that is wider than there is room, with a sign that something is missing.
  package static func clipped(_ text: String, to room: Double, size: Double, isBold: Bool = false) -> String {
    guard width(of: text, size: size, isBold: isBold) > room else { return text }
    var used = width(of: "…", size: size, isBold: isBold)
    var kept = ""
    for character in text {
      used += width(of: String(character), size: size, isBold: isBold)
      if used > room { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
