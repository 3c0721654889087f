module turnstile/probe

go 1.24
