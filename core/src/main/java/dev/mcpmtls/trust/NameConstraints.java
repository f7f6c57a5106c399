// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.trust.Subtree.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * The names an issuer may vouch for. A name must lie in a permitted subtree of its kind, where there is one, and in no excluded
 * one. A constraint of a kind without a matcher refuses every name of that kind: an unenforceable constraint is never ignored.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10">RFC 5280, section 4.2.1.10</a>
 */
record NameConstraints(List<Subtree> permitted, List<Subtree> excluded) {

    /** Comparisons for one certificate; more than any honest chain needs, and still done in milliseconds. */
    private static final int MAX_COMPARISONS = 20_000;

    static NameConstraints parse(Der extension) throws MalformedDerException {
        List<Subtree> permitted = List.of();
        List<Subtree> excluded = List.of();
        for (Der field : extension.children(Der.SEQUENCE)) {
            if (field.tag() == 0xa0 && permitted.isEmpty() && excluded.isEmpty()) {
                permitted = subtrees(field);
            } else if (field.tag() == 0xa1 && excluded.isEmpty()) {
                excluded = subtrees(field);
            } else {
                throw new MalformedDerException("unexpected field");
            }
        }
        if (permitted.isEmpty() && excluded.isEmpty()) {
            throw new MalformedDerException("no subtree at all");
        }
        return new NameConstraints(permitted, excluded);
    }

    /** The first name of the certificate that lies outside, with its kind; empty when all are inside. */
    Optional<String> firstViolation(ParsedCertificate certificate) {
        List<Name> names;
        try {
            names = namesOf(certificate);
        } catch (MalformedDerException e) {
            return Optional.of("a name that cannot be read");
        }
        if ((long) names.size() * (permitted.size() + excluded.size()) > MAX_COMPARISONS) {
            return Optional.of("more names than can be compared");
        }
        return names.stream().filter(name -> !allows(name)).map(Name::toString).findFirst();
    }

    private boolean allows(Name name) {
        // RFC 9598: a name of another kind may be a mailbox that is not ASCII.
        if (name.kind() == Subtree.Kind.OTHER && hasSubtreeOf(Subtree.Kind.EMAIL)) {
            return false;
        }
        if (excluded.stream().anyMatch(subtree -> subtree.kind() == name.kind() && subtree.touches(name))) {
            return false;
        }
        List<Subtree> sameKind = permitted.stream()
                .filter(subtree -> subtree.kind() == name.kind())
                .toList();
        return sameKind.isEmpty() || sameKind.stream().anyMatch(subtree -> subtree.contains(name));
    }

    private boolean hasSubtreeOf(Subtree.Kind kind) {
        return Stream.concat(permitted.stream(), excluded.stream()).anyMatch(subtree -> subtree.kind() == kind);
    }

    private static List<Subtree> subtrees(Der field) throws MalformedDerException {
        List<Subtree> subtrees = new ArrayList<>();
        for (Der subtree : field.children()) {
            List<Der> parts = subtree.children(Der.SEQUENCE);
            // RFC 5280: minimum is 0, which DER omits, and maximum is absent.
            if (parts.size() != 1) {
                throw new MalformedDerException("a subtree with minimum or maximum");
            }
            subtrees.add(Subtree.parse(parts.get(0)));
        }
        if (subtrees.isEmpty()) {
            throw new MalformedDerException("an empty list of subtrees");
        }
        return subtrees;
    }

    private static List<Name> namesOf(ParsedCertificate certificate) throws MalformedDerException {
        AlternativeNames names = certificate.names();
        List<Name> all = new ArrayList<>();
        names.dnsNames().forEach(text -> all.add(Name.of(Subtree.Kind.DNS, text)));
        names.uris().forEach(text -> all.add(Name.of(Subtree.Kind.URI, text)));
        names.emailAddresses().forEach(text -> all.add(Name.of(Subtree.Kind.EMAIL, text)));
        names.addresses().forEach(octets -> all.add(Name.ofAddress(octets)));
        for (X500Principal name : names.directoryNames()) {
            all.add(Name.ofDirectory(DirectoryName.of(name)));
        }
        if (names.others() > 0) {
            all.add(Name.of(Subtree.Kind.OTHER, "a name of another kind"));
        }
        DirectoryName subject = DirectoryName.of(certificate.subject());
        if (!subject.isEmpty()) {
            all.add(Name.ofDirectory(subject));
        }
        if (names.isEmpty()) {
            subject.values(NameForm.EMAIL_ATTRIBUTE).forEach(text -> all.add(Name.of(Subtree.Kind.EMAIL, text)));
        }
        return all;
    }
}
