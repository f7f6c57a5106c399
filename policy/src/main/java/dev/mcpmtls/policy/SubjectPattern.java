// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.identity.pattern.Glob;

/**
 * A pattern of subjects of access tokens, for example {@code https://login.example#svc-*}. A subject is unique only within its issuer (RFC 9068),
 * so a pattern always names one issuer, exactly. Issuers have no fragment (RFC 8414): the first {@code #} ends their part.
 */
record SubjectPattern(String issuer, Glob subject) {

    /** @throws IllegalArgumentException when it is not an issuer's URL, {@code #} and a pattern; says what to write */
    static SubjectPattern parse(String text) {
        int end = text.indexOf('#');
        String issuer = end < 0 ? "" : text.substring(0, end);
        if (end == text.length() - 1 || !(issuer.startsWith("https://") || issuer.startsWith("http://"))) {
            throw new IllegalArgumentException("a subject is unique only within its issuer\n"
                    + "write the issuer's URL, '#' and the subject, for example 'https://login.example#alice'");
        }
        if (issuer.indexOf('*') >= 0) {
            throw new IllegalArgumentException("the issuer takes no '*'\nwrite one pattern for each issuer");
        }
        return new SubjectPattern(issuer, Glob.ofWhole(text.substring(end + 1)));
    }

    boolean matches(AccessToken token) {
        return issuer.equals(token.issuer()) && subject.matches(token.subject());
    }

    boolean covers(SubjectPattern other) {
        return issuer.equals(other.issuer) && subject.covers(other.subject);
    }

    @Override
    public String toString() {
        return issuer + '#' + subject;
    }
}
