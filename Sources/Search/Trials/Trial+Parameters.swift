extension Trial {
  /// A real number.
  ///
  /// - Parameters:
  ///   - name: The parameter's name.
  ///   - range: The values that it may take.
  ///   - scale: How they are spread.
  ///   - step: Where only multiples of it above the range's lower end are values.
  public func real(
    _ name: String, _ range: ClosedRange<Double>, scale: Domain.Scale = .linear, step: Double? = nil
  ) -> Double {
    guard case .real(let value) = setting(name, .real(range, scale: scale, step: step)) else { return range.lowerBound }
    return value
  }

  /// A whole number.
  ///
  /// - Parameters:
  ///   - name: The parameter's name.
  ///   - range: The values that it may take.
  ///   - scale: How they are spread.
  ///   - step: Only multiples of it above the range's lower end are values.
  public func integer(
    _ name: String, _ range: ClosedRange<Int>, scale: Domain.Scale = .linear, step: Int = 1
  ) -> Int {
    guard case .integer(let value) = setting(name, .integer(range, scale: scale, step: step)) else {
      return range.lowerBound
    }
    return value
  }

  /// One of several options; an empty text where there are none, which is a mistake.
  public func choice(_ name: String, _ options: [String]) -> String {
    guard case .choice(let place) = setting(name, .choice(options)), options.indices.contains(place) else {
      return options.first ?? ""
    }
    return options[place]
  }

  /// One of several values of any type, which are told apart by their text.
  ///
  /// - Throws: `SearchError` where there are none.
  public func choice<Option>(_ name: String, among options: [Option]) throws -> Option {
    let texts = options.map { "\($0)" }
    guard case .choice(let place) = setting(name, .choice(texts)), options.indices.contains(place) else {
      throw SearchError(name, "there are no options to choose from")
    }
    return options[place]
  }

  /// On or off.
  public func toggle(_ name: String) -> Bool { setting(name, .toggle) == .toggle(true) }

  /// Any number of several options, in their order.
  public func subset(_ name: String, of options: [String]) -> [String] {
    guard case .subset(let places) = setting(name, .subset(options)) else { return [] }
    return places.compactMap { options.indices.contains($0) ? options[$0] : nil }
  }

  /// All of several options, in some order.
  public func permutation(_ name: String, of options: [String]) -> [String] {
    guard case .permutation(let places) = setting(name, .permutation(options)) else { return options }
    return places.compactMap { options.indices.contains($0) ? options[$0] : nil }
  }

  /// A parameter's value.
  public func setting(_ name: String, _ domain: Domain) -> Setting {
    do { return try asked(name, domain) } catch {
      state.withLock { if $0.mistake == nil { $0.mistake = error } }
      return domain.setting(at: [])
    }
  }

  private func asked(_ name: String, _ domain: Domain) throws -> Setting {
    guard !name.isEmpty else { throw SearchError("trial \(number)", "a parameter has no name") }
    let known = state.withLock { state in
      state.settings[name].flatMap { setting in state.domains[name].map { (setting, $0) } }
    }
    if let (setting, before) = known {
      guard before == domain else {
        throw SearchError(
          name, "trial \(number) asks for it as \(before) and as \(domain); two parameters have two names")
      }
      return setting
    }
    try domain.check(name)
    let setting = try study?.draw(name, domain, for: self) ?? wish(name, domain) ?? domain.setting(at: [])
    state.withLock { state in
      state.domains[name] = domain
      state.settings[name] = setting
      state.unwritten.append(.init(name, domain))
    }
    return setting
  }

  /// The value that the user wished for, where the parameter can have it.
  func wish(_ name: String, _ domain: Domain) -> Setting? {
    wishes[name].flatMap { domain.contains($0) ? $0 : nil }
  }
}
