// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClausesTest {

    @Test
    void givesEachRemedyALineOfItsOwn() {
        assertThat(Clauses.of("cannot use x: it is empty; restore it; or run 'init'"))
                .containsExactly("cannot use x: it is empty", "restore it", "or run 'init'");
    }

    @Test
    void keepsAMessageOfOneClauseWhole() {
        assertThat(Clauses.of("the server's answer is empty")).containsExactly("the server's answer is empty");
        assertThat(Clauses.of("")).containsExactly("");
    }

    @Test
    void doesNotSeparateInQuotationsAndBrackets() {
        assertThat(Clauses.of("there is no file 'a; b' (checked; twice), and \"c; d\" is none; name one"))
                .containsExactly("there is no file 'a; b' (checked; twice), and \"c; d\" is none", "name one");
    }

    @Test
    void separatesBehindApostrophesAndAQuotationThatDoesNotEnd() {
        assertThat(Clauses.of("the server's key is lost; renew it"))
                .containsExactly("the server's key is lost", "renew it");
        assertThat(Clauses.of("it begins with \"x; restore it")).containsExactly("it begins with \"x", "restore it");
        assertThat(Clauses.of("a) is odd; correct it")).containsExactly("a) is odd", "correct it");
    }
}
