/// What is wrong with one execution of a case.
struct CaseFault: Hashable {
    /// One line, without an end.
    var reason: String
    var expected: [String] = []
    var got: [String] = []
}
