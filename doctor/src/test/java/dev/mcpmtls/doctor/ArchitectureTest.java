// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The doctor looks at connections alone: not at settings, stores or the terminal. */
@AnalyzeClasses(packages = "dev.mcpmtls.doctor", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule LOOKS_AT_CONNECTIONS_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.security..",
                    "org.jspecify..",
                    "dev.mcpmtls.doctor..",
                    "dev.mcpmtls.files..",
                    "dev.mcpmtls.remedy..",
                    "dev.mcpmtls.identity..",
                    "dev.mcpmtls.trust..",
                    "dev.mcpmtls.authz..",
                    "dev.mcpmtls.protocol.token..",
                    "dev.mcpmtls.oauth..",
                    "dev.mcpmtls.transport.client..",
                    "dev.mcpmtls..tls..");
}
