extension Expression: CustomStringConvertible {
    /// The canonical text, on one line.
    public var description: String {
        var text = CanonicalText()
        text.append(self)
        return text.text
    }

    /// The text on several lines, if it is longer than 100 bytes.
    public var pretty: String { PrettyText.text(self) }
}
