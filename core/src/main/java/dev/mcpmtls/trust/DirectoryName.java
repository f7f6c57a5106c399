// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A distinguished name as its sequence of relative names, each in the form that compares as RFC 5280, section 7.1 asks.
 *
 * @param relativeNames from the root of the directory downwards, canonical
 */
record DirectoryName(List<String> relativeNames, X500Principal principal) {

    static final DirectoryName EMPTY = new DirectoryName(List.of(), new X500Principal(""));

    static DirectoryName of(X500Principal principal) {
        List<String> canonical = new ArrayList<>();
        for (Der relative : relative(principal)) {
            canonical.add(
                    new X500Principal(Der.encode(Der.SEQUENCE, relative.encoding())).getName(X500Principal.CANONICAL));
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
    List<String> values(String oid) {
        List<String> values = new ArrayList<>();
        try {
            for (Der relative : relative(principal)) {
                for (Der attribute : relative.children(Der.SET)) {
                    List<Der> pair = attribute.children(Der.SEQUENCE);
                    if (pair.size() == 2 && pair.get(0).asOid().equals(oid)) {
                        values.add(new String(pair.get(1).content(), StandardCharsets.ISO_8859_1));
                    }
                }
            }
        } catch (MalformedDerException e) {
            throw new IllegalStateException("a parsed name is a sequence of sets of pairs", e);
        }
        return values;
    }

    @Override
    public String toString() {
        return principal.toString();
    }

    private static List<Der> relative(X500Principal principal) {
        try {
            return Der.parse(principal.getEncoded()).children(Der.SEQUENCE);
        } catch (MalformedDerException e) {
            throw new IllegalStateException("a parsed name encodes as DER", e);
        }
    }
}
