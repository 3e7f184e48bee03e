/// Chinese: alarms that are raised and cleared, and what to do about each.

extension Chinese {
    static let alarms: KeyValuePairs<String, String> = [
        "still so: {}; {}": "仍未解除：{0}；{1}",
        "no longer so: {}": "已解除：{0}",
        "no longer known: {}": "已无从得知：{0}",
    ]
}
