// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds {@code convert 14:30 from London to Tokyo} and the other ways to ask for the same. */
final class ConversionPhrase {

    private static final String IT_IS = "(?:when|if|at)\\s+(?:it['’]?s|it is)\\s+";
    private static final String TIME = "(?<time>" + Words.CLOCK + ")";
    private static final String FROM = "(?<from>[^,?!;]{1,100}?)";
    private static final String TO =
            "(?<to>[^?!;]{1,300}?)(?=\\s*(?:[?!;]|$)|(?:,|\\s)\\s*(?:and|then|also)\\s+" + Words.STARTER + "\\b)";
    private static final List<Pattern> SHAPES = List.of(
            Words.pattern("\\bconvert\\s+(?<time>[^,?!;]{1,60}?)\\s+from\\s+" + FROM + "\\s+(?:to|into)\\s+" + TO),
            Words.pattern("\\bconvert\\s+" + TIME + "\\s+(?:in\\s+|at\\s+)?" + FROM + "\\s+(?:to|into|in)\\s+" + TO),
            Words.pattern("\\b" + IT_IS + TIME + "\\s+in\\s+" + FROM
                    + "\\s*,?\\s+(?:what\\s+time\\s+|what['’]?s\\s+the\\s+time\\s+|what\\s+is\\s+the\\s+time\\s+)"
                    + "(?:is\\s+it\\s+|will\\s+it\\s+be\\s+)?in\\s+" + TO),
            Words.pattern("\\bwhat\\s+time\\s+(?:is\\s+it|will\\s+it\\s+be)\\s+in\\s+(?<to>[^,?!;]{1,100}?)\\s*,?\\s+"
                    + IT_IS + TIME + "\\s+in\\s+(?<from>[^,?!;]{1,100})"),
            Words.pattern("(?:\\b(?:what['’]?s|what\\s+is|when\\s+is)\\s+|^\\s*)" + TIME + "\\s+(?:in\\s+)?" + FROM
                    + "\\s+(?:in|to)\\s+" + TO));

    private ConversionPhrase() {}

    static Optional<Excerpt> firstIn(String text) {
        for (Pattern shape : SHAPES) {
            Matcher found = shape.matcher(text);
            if (found.find()) {
                return excerpt(found);
            }
        }
        return Optional.empty();
    }

    private static Optional<Excerpt> excerpt(Matcher found) {
        List<String> from = PlaceList.parse(found.group("from"));
        List<String> to = PlaceList.parse(found.group("to"));
        return from.isEmpty() || to.isEmpty()
                ? Optional.empty()
                : Optional.of(Excerpt.of(
                        found.start(),
                        found.end(),
                        new Request.Convert(found.group("time").strip(), from.get(0), to)));
    }
}
