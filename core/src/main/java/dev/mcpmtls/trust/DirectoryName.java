// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/**
 * A distinguished name as its sequence of relative names, each in a form for the comparison of RFC 5280, section 7.1.
 *
 * @param relativeNames from the root of the directory downwards, canonical
 */
record DirectoryName(List<String> relativeNames, X500Principal principal) {

    /** RFC 4518, section 2.2: the characters that map to a space, and those that map to nothing. */
    private static final Pattern SPACES = Pattern.compile("[\\t-\\r\\x{85}\\p{Z}]+");

    /** And what else is not seen by default (Default_Ignorable_Code_Point): fillers, and the variation selectors that came later. */
    private static final Pattern INVISIBLE = Pattern.compile(
            "[\\p{Cf}\\p{Cc}\\x{34f}\\x{1806}\\x{180b}-\\x{180f}\\x{fe00}-\\x{fe0f}"
                    + "\\x{fffc}\\x{115f}\\x{1160}\\x{17b4}\\x{17b5}\\x{3164}\\x{ffa0}\\x{e0100}-\\x{e01ef}&&[^\\t-\\r\\x{85}]]");

    static final DirectoryName EMPTY = new DirectoryName(List.of(), new X500Principal(""));

    /**
     * Reads the name.
     *
     * @throws MalformedDerException when a value in it is not DER, which the platform accepts
     */
    static DirectoryName of(X500Principal principal) throws MalformedDerException {
        List<String> canonical = new ArrayList<>();
        for (Der relative : relative(principal)) {
            List<String> attributes = new ArrayList<>();
            for (Der attribute : relative.children(Der.SET)) {
                List<Der> pair = attribute.children(Der.SEQUENCE);
                attributes.add(hex(pair.get(0)) + "=" + canonical(pair.get(1)));
            }
            attributes.sort(null);
            canonical.add(String.join("+", attributes));
        }
        return new DirectoryName(List.copyOf(canonical), principal);
    }

    boolean isEmpty() {
        return relativeNames.isEmpty();
    }

    /** Whether this name lies in the subtree whose root is the other name. */
    boolean isWithin(DirectoryName root) {
        return relativeNames.size() >= root.relativeNames.size()
                && relativeNames.subList(0, root.relativeNames.size()).equals(root.relativeNames);
    }

    /** The values of an attribute, wherever it stands in the name. */
    List<String> values(String oid) throws MalformedDerException {
        List<String> values = new ArrayList<>();
        for (Der relative : relative(principal)) {
            for (Der attribute : relative.children(Der.SET)) {
                List<Der> pair = attribute.children(Der.SEQUENCE);
                if (pair.get(0).asOid().equals(oid)) {
                    values.add(new String(pair.get(1).content(), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return principal.toString();
    }

    /**
     * The text of any kind of string, so that another kind does not evade an excluded name. Lines of an address are compared one by
     * one, and a single line is as text without a sequence around it.
     */
    private static String canonical(Der value) {
        return NameForm.text(value)
                .map(DirectoryName::canonical)
                .orElseGet(() -> lines(value).orElseGet(() -> "#" + hex(value)));
    }

    private static Optional<String> lines(Der value) {
        if (value.tag() != Der.SEQUENCE) {
            return Optional.empty();
        }
        try {
            List<String> lines = value.children().stream()
                    .flatMap(line -> NameForm.text(line).stream())
                    .map(DirectoryName::canonical)
                    .toList();
            boolean isText =
                    !lines.isEmpty() && lines.size() == value.children().size();
            return isText ? Optional.of(String.join("\n", lines)) : Optional.empty();
        } catch (MalformedDerException e) {
            return Optional.empty();
        }
    }

    /** Without line breaks, and never like a value in hexadecimal. */
    private static String canonical(String text) {
        String visible = INVISIBLE.matcher(text).replaceAll("");
        String canonical = SPACES.matcher(Normalizer.normalize(visible, Normalizer.Form.NFKC))
                .replaceAll(" ")
                .strip()
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT)
                .replace("\\", "\\\\")
                .replace("+", "\\+");
        return canonical.startsWith("#") ? "\\" + canonical : canonical;
    }

    private static String hex(Der value) {
        return HexFormat.of().formatHex(value.encoding());
    }

    private static List<Der> relative(X500Principal principal) throws MalformedDerException {
        return Der.parse(principal.getEncoded()).children(Der.SEQUENCE);
    }
}
