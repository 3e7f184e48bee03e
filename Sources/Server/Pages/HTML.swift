/// Text on its way into a page.

enum HTML {
    /// Makes a text safe between tags and inside a quoted attribute.
    ///
    /// Goes by scalars, not by characters: a quote with a combining mark behind it is one `Character` that is no quote,
    /// and a browser would still end the attribute there.
    static func escape(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\u{0}": escaped.append("\u{FFFD}")
            case _: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// The one stylesheet: readable on a phone, tables that scroll by themselves, forms away on paper.
    static let style = """
        :root{color-scheme:light;--line:#c8ccd4;--ink:#1c2230;--soft:#5a6374;--bad:#a4161a;--warn:#8a5a00;--go:#1b4f9c}
        *{box-sizing:border-box}
        body{font:16px/1.6 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);margin:0 auto;
        max-width:60rem;padding:1rem}
        h1{font-size:1.4rem;margin:.5rem 0}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
        a{color:var(--go)}nav{display:flex;gap:1rem;flex-wrap:wrap;align-items:center}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
        td,th{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;
        overflow-wrap:anywhere}
        th{white-space:nowrap;color:var(--soft);font-weight:600}
        .matter{white-space:pre-wrap;overflow-wrap:anywhere}
        .badge,.notice{padding:.4rem .7rem;border-left:4px solid var(--go);background:#eef3fb;margin:.5rem 0}
        .offline{border-color:var(--warn);background:#fdf4e0}.refused{border-color:var(--bad);background:#fdecec}
        .late{color:var(--bad);font-weight:600}.soon,.unsure{color:var(--warn);font-weight:600}
        .void td{color:var(--soft)}.attachments{list-style:none;padding:0}.attachments img,.attachments video{display:block;max-width:16rem;max-height:12rem}.local{color:var(--warn);font-weight:600}
        .numbers td+td,.numbers th+th{text-align:right}
        .filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin:.5rem 0 1rem}
        .filter label{flex:1 1 10rem;margin:0}
        details{border:1px solid var(--line);border-radius:.3rem;margin:.5rem 0;padding:.3rem .7rem}
        summary{cursor:pointer;font-weight:600;padding:.2rem 0}
        label{display:block;margin:.6rem 0}label span{display:block;font-weight:600}
        small{display:block;color:var(--soft)}
        input,select,textarea,button{font:inherit;max-width:100%;padding:.35rem .5rem}
        input,select,textarea{width:100%;border:1px solid var(--soft);border-radius:.2rem}
        textarea{min-height:5rem}button{background:var(--go);color:#fff;border:0;border-radius:.2rem;padding:.45rem 1.2rem}
        nav form{margin:0}
        @media print{nav,form,details,.badge,.notice,.more{display:none}body{max-width:none;padding:0;font-size:11pt}
        a{color:inherit;text-decoration:none}}
        """
}
